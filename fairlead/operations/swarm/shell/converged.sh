# converged ROOT STACK PATIENCE STEADY ENV SECRETS IMAGES RESOLVE FILE...
# Does every task that is wanted run, by the specification of now? 0 yes; 1 no, and why; 2 the swarm
# does not answer.
# shellcheck source=prepare_lib.sh
. ./prepare_lib.sh
# shellcheck source=judge_lib.sh
. ./judge_lib.sh
own=
prepare "$@" || exit $?
judge && exit 0
echo "${why%. }" >&2
exit 1
