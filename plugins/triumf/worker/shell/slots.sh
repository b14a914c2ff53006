# Inside a worker: prints a line for each slot of its startd: its state and activity, the seconds
# that its jobs are promised, and why it drains: "undefined" where it does not. Exit code 1: the
# startd does not answer.
machine=$(timeout 10 condor_config_val FULL_HOSTNAME) || exit 1
reason='ifThenElse(Draining =?= true, DrainReason ?: "no reason", undefined)'
slots=$(timeout 10 condor_status -direct "$machine" -af State Activity \
  'int(MaxJobRetirementTime)' "$reason") || exit 1
[ -n "$slots" ] || exit 1
printf '%s\n' "$slots"
