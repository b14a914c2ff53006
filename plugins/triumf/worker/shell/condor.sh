# NAME...: prints a line for each container: NAME, then how many masters, startds and starters it
# has.
for name; do
  docker top "$name" -eo pid,comm 2>/dev/null | awk -v name="$name" '
    { n[$2]++ }
    END { print name, n["condor_master"] + 0, n["condor_startd"] + 0, n["condor_starter"] + 0 }'
done
