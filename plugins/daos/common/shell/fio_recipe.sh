# fio_recipe MOUNT-POINT LINE ; LINE ; ...: says and runs each line, a word `;` behind each.
#
# A line behind the word `unless` is not said; where it succeeds, the next one is not needed.
# What was mounted is unmounted, however it ends; what was mounted before is somebody else's and
# stays. Runs inside the client's image.
# Exit codes: 0; 1 something is mounted there already; that of the first line that fails; 130.

mount=$1
is_there=
shift

# LINE ; MORE...: runs the words before the first `;`.
run_line() {
  is_inside=1
  for word; do
    shift
    [ "$word" != ';' ] || is_inside=
    [ -z "$is_inside" ] || set -- "$@" "$word"
  done
  if [ "$1" = unless ]; then
    shift
    ! "$@" >/dev/null 2>&1 || is_there=1
  elif [ -n "$is_there" ]; then
    is_there=
  else
    printf '$ %s\n' "$*" >&2
    "$@" || exit
  fi
}

if mountpoint -q "$mount"; then
  wait='wait for whoever uses it, or umount it, then call again'
  echo "$mount is mounted already: $wait" >&2
  exit 1
fi
trap 'if mountpoint -q "$mount"; then fusermount3 -u "$mount" || umount "$mount"; fi' EXIT
trap 'exit 130' INT TERM
while [ $# -gt 0 ]; do
  run_line "$@"
  while [ "$1" != ';' ]; do shift; done
  shift
done
