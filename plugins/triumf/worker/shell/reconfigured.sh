# NAME...: condor of each of these workers that runs reads its configuration anew; one that has not
# begun yet reads it then. Exit code 1: one does not, 2: the engine does not answer.
# shellcheck source=running.sh
. ./running.sh
rc=0
for name; do
  runs "$name" || continue
  docker top "$name" -eo pid,comm | grep -q ' condor_master$' || continue
  docker exec "$name" condor_reconfig >/dev/null || {
    echo "$name does not take the new token over" >&2
    rc=1
  }
done
exit $rc
