# PROGRAM NAME...: prints a line for each container: NAME, then how many masters, startds and
# starters it has; then, indented, those of its slots. PROGRAM: slots.sh.
program=$1
shift
for name; do
  processes=$(docker top "$name" -eo pid,comm 2>/dev/null) || processes=
  printf '%s\n' "$processes" | awk -v name="$name" '
    { n[$2]++ }
    END { print name, n["condor_master"] + 0, n["condor_startd"] + 0, n["condor_starter"] + 0 }'
  case $processes in
    *condor_startd*) docker exec "$name" sh -c "$program" slots 2>/dev/null | sed 's/^/  /' ;;
  esac
done
