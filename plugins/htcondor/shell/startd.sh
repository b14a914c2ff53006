# NODE: asks its startd. Sourced by the others. Sets `machine`, `slots` (a line for each, see below),
# `draining` (true, or false), `request` and `reason` (of the drain). Exit code 2: not known. Where no
# startd runs, `slots` is empty.
# A line: slot STATE ACTIVITY JOB SECONDS DRAINING REQUEST REASON; JOB: - for none; SECONDS in which
# HTCondor leaves the job alone.
# shellcheck disable=SC2034 # the others read them
startd() {
  slots='' draining='' request='' reason=''
  machine=$(timeout 10 condor_config_val FULL_HOSTNAME 2>&1) || {
    printf '%s\n' "$machine" >&2
    return 2
  }
  answer=$(timeout 20 condor_status -direct "$machine" -af '"slot"' State Activity \
    'ifThenElse(isUndefined(JobId), "-", JobId)' \
    'ifThenElse(isUndefined(RetirementTimeRemaining), 0, RetirementTimeRemaining)' \
    'Draining =?= true' \
    'ifThenElse(isUndefined(DrainingRequestId), "-", DrainingRequestId)' \
    'ifThenElse(isUndefined(DrainReason), "", DrainReason)' 2>&1)
  slots=$(printf '%s\n' "$answer" | grep '^slot ')
  if [ -n "$slots" ]; then
    rest=$(printf '%s\n' "$slots" | awk '$6 == "true"' | head -n 1 | cut -d' ' -f6-)
    [ -n "$rest" ] || return 0
    draining=true rest=${rest#* }
    request=${rest%% *}
    reason=${rest#"$request"}
    reason=${reason# }
    return 0
  fi
  pgrep -x 'condor_startd|condor_starter' >/dev/null
  [ $? != 1 ] || return 0
  printf '%s: condor_status -direct does not tell of a slot: %s\n' "$1" "$answer" >&2
  return 2
}

# Does it take no jobs? A drain of condor_defrag ends by itself.
out() {
  [ -n "$slots" ] || return 0
  case $draining,$reason in true,Defrag*) return 1 ;; true,*) return 0 ;; esac
  return 1
}

# Has nothing of it run, and will nothing run?
idle() {
  [ -n "$slots" ] || return 0
  ! printf '%s\n' "$slots" | grep -qv '^slot Drained Idle '
}

# The slots that have a job.
jobs() {
  printf '%s\n' "$slots" | awk '$1 == "slot" && $4 != "-"'
}
