# NODE REASON SECONDS: it takes no new jobs; those that run may end. Refused where HTCondor would end
# one before SECONDS have passed; 0: it may. A drain of condor_defrag, which ends by itself, becomes
# ours. Exit code 2: not known.
# shellcheck source=startd.sh
. ./startd.sh
startd "$1" || exit 2
out && exit 0
version=$(timeout 20 condor_status -direct "$machine" -af CondorVersion | head -n 1)
printf '%s\n' "$version" | awk '{ split($2, n, "."); exit n[1] * 10000 + n[2] * 100 + n[3] < 80912 }' || {
  echo "$1: a startd before 8.9.12 does not say why it drains, so no run would know its own drain" \
    "(${version:-version not known}): say condor_drain -graceful $machine by hand before, and" \
    "-cancel after" >&2
  exit 1
}
if [ -n "$draining" ]; then
  timeout 60 condor_drain -cancel -request-id "$request" "$machine" || exit
fi
name=$1 reason=$2 seconds=$3
set -- -graceful -reason "$reason" -start false
[ "$seconds" = 0 ] ||
  set -- "$@" -check "JobId =?= undefined || RetirementTimeRemaining >= $seconds"
output=$(timeout 60 condor_drain "$@" "$machine" 2>&1) && exit
case $output in
  *'check expression'*)
    least=$(jobs | awk 'NR == 1 || $5 < least { least = $5 } END { print least }')
    echo "$name: HTCondor would end a job after ${least:-0} s, before htcondor.patience ($seconds s)" \
      "is over: let its MAXJOBRETIREMENTTIME be longer or patience shorter, or let it" \
      "(htcondor.evicts)" >&2
    ;;
  *) printf '%s\n' "$output" >&2 ;;
esac
exit 1
