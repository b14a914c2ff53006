# stack_state "" STACK [all]
# 0: what is there runs as it was deployed; with `all` no node of it is down. 1: it does not; why.
# 3: there is nothing of it, or this host cannot tell.
# shellcheck source=stack_lib.sh
. ./stack_lib.sh
# shellcheck source=judge_lib.sh
. ./judge_lib.sh
own=1 steady=6
all=$(services 2>/dev/null) && [ -n "$all" ] || exit 3
judge && [ -z "${1:+$down}" ] && exit 0
echo "${why%. }"
exit 1
