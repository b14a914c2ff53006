# NAME...: jobs are taken again, by each worker that runs. A master that has just started is not
# ready to be told, and starts its startd by itself. Exit code 1: one does not, 2: the engine does
# not answer.
# shellcheck source=running.sh
. ./running.sh
rc=0
for name; do
  runs "$name" || continue
  tries=10
  until docker top "$name" -eo pid,comm | grep -q ' condor_startd$' ||
    docker exec "$name" condor_on; do
    [ $((tries -= 1)) -gt 0 ] || {
      rc=1
      break
    }
    sleep 2
  done
done
exit $rc
