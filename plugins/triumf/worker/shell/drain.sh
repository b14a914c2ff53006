# PROGRAM REASON SECONDS NAME...: no new jobs for those of these workers whose startd runs; what
# runs may end. PROGRAM: drain_inside.sh. Exit code 1: one refuses, 2: the engine does not answer.
# shellcheck source=running.sh
. ./running.sh
program=$1 reason=$2 seconds=$3 rc=0
shift 3
for name; do
  runs "$name" || continue
  processes=$(docker top "$name" -eo pid,comm) || exit 2
  case $processes in
    *condor_startd*) docker exec "$name" sh -c "$program" drain "$reason" "$seconds" || rc=1 ;;
  esac
done
exit $rc
