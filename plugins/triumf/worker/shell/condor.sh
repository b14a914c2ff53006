# ENGINE PROGRAM NAME...: prints a line for each container: NAME, then how many masters, startds and
# starters it has; then, indented, those of its slots. PROGRAM: slots.sh.
engine=$1 program=$2
shift 2
# shellcheck source=processes.sh
. ./processes.sh
for name; do
  processes=$(processes "$name" 2>/dev/null) || processes=
  printf '%s\n' "$processes" | awk -v name="$name" '
    { n[$2]++ }
    END { print name, n["condor_master"] + 0, n["condor_startd"] + 0, n["condor_starter"] + 0 }'
  case $processes in
    *condor_startd*) "$engine" exec "$name" sh -c "$program" slots 2>/dev/null | sed 's/^/  /' ;;
  esac
done
