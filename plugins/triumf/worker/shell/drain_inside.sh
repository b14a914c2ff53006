# REASON SECONDS: inside a worker: it drains, and `condor_drain -cancel` gives it back. Refused where
# condor would end a job within these seconds. A drain of somebody else's is left as it is.
reason=$1 seconds=$2
machine=$(timeout 10 condor_config_val FULL_HOSTNAME) || exit 1
current=$(timeout 10 condor_status -direct "$machine" \
  -af 'ifThenElse(Draining =?= true, DrainReason ?: "no reason", "")' | sed -n '/./ { p; q; }')
[ "$current" != "$reason" ] || exit 0
[ -z "$current" ] || {
  echo "$machine is drained by somebody else ($current), which is waited for"
  exit 0
}
output=$(timeout 30 condor_drain -graceful -reason "$reason" \
  -check "JobId =?= undefined || RetirementTimeRemaining >= $seconds" "$machine" 2>&1) && exit
case $output in
  *"check expression"*)
    echo "$machine would end jobs before $seconds s have passed: let MAXJOBRETIREMENTTIME in its" \
      "image be longer than jobs and worker.drain together" >&2
    ;;
  *) printf '%s\n' "$output" >&2 ;;
esac
exit 1
