# PROGRAM FLAG NAME...: runs the program in each worker that runs; FLAG may be "". Exit code 1: it
# failed in one, 2: the engine does not answer.
# shellcheck source=running.sh
. ./running.sh
program=$1 flag=$2 rc=0
shift 2
for name; do
  ! runs "$name" || docker exec "$name" "$program" ${flag:+"$flag"} || rc=1
done
exit $rc
