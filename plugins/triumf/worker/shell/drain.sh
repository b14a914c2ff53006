# ENGINE PROGRAM REASON SECONDS NAME...: no new jobs for those of these workers whose startd runs; what
# runs may end. PROGRAM: drain_inside.sh. Exit code 1: one refuses, 2: the engine does not answer.
engine=$1 program=$2 reason=$3 seconds=$4 rc=0
shift 4
# shellcheck source=running.sh
. ./running.sh
for name; do
  runs "$name" || continue
  processes=$(processes "$name") || exit 2
  case $processes in
    *condor_startd*) "$engine" exec "$name" sh -c "$program" drain "$reason" "$seconds" || rc=1 ;;
  esac
done
exit $rc
