# LINES FLAG FOLDER...: prints the ends of condor's own logs in these folders; FLAG: -F to go on, or
# "". Exit code 1: there are none.
lines=$1 flag=$2
shift 2
for folder; do
  for file in "$folder"/*Log; do
    [ ! -f "$file" ] || set -- "$@" "$file"
  done
  shift
done
[ $# -gt 0 ] || {
  echo "condor has written no logs there" >&2
  exit 1
}
exec tail -n "$lines" ${flag:+"$flag"} -- "$@"
