# ENGINE NAME...: condor of each of these workers that runs reads its configuration anew; one that has
# not begun yet reads it then. A master that does not take the command (it trusts nobody inside)
# takes the signal. Exit code 1: one does neither, 2: the engine does not answer.
engine=$1 rc=0
shift
# shellcheck source=running.sh
. ./running.sh
for name; do
  runs "$name" || continue
  master=$(processes "$name" | awk '$2 == "condor_master" { print $1; exit }')
  [ -n "$master" ] || continue
  "$engine" exec "$name" condor_reconfig >/dev/null 2>&1 || kill -HUP "$master" || {
    echo "$name does not take the new token over" >&2
    rc=1
  }
done
exit $rc
