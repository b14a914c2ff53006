# ENGINE PROGRAM REASON NAME...: jobs are taken again, by each worker that runs. A master that has
# just started is not ready to be told, and starts its startd by itself. PROGRAM: again_inside.sh.
# Exit code 1: one does not, 2: the engine does not answer.
engine=$1 program=$2 reason=$3 rc=0
shift 3
# shellcheck source=running.sh
. ./running.sh
takes_jobs() {
  if processes "$1" | grep -q ' condor_startd$'; then
    "$engine" exec "$1" sh -c "$program" again "$reason"
  else
    "$engine" exec "$1" condor_on && false
  fi
}
for name; do
  runs "$name" || continue
  tries=30
  until takes_jobs "$name"; do
    [ $((tries -= 1)) -gt 0 ] || {
      echo "$name still takes no jobs" >&2
      rc=1
      break
    }
    sleep 2
  done
done
exit $rc
