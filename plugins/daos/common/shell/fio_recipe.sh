# fio_recipe MOUNT-POINT LINE ; LINE ; ...: says and runs each line, a word `;` behind each.
#
# A line behind the word `unless` is not said; where it succeeds, the next one is not needed. The
# line behind the word `or` follows one that may fail: where it succeeds, somebody else was faster
# with that. What was mounted is unmounted, however it ends; what was mounted before is somebody
# else's and stays. Runs inside the client's image.
# Exit codes: 0; 1 something is mounted there already; that of the first line that fails; 130.

mount=$1
is_there=
failure=0
shift

# run_line MAY-FAIL LINE ; MORE...: runs the words before the first `;`.
run_line() {
  may_fail=$1
  shift
  is_inside=1
  for word; do
    shift
    [ "$word" != ';' ] || is_inside=
    [ -z "$is_inside" ] || set -- "$@" "$word"
  done
  if [ "$1" = unless ]; then
    shift
    ! "$@" >/dev/null 2>&1 || is_there=1
  elif [ "$1" = or ]; then
    shift
    [ "$failure" = 0 ] || "$@" >/dev/null 2>&1 || exit "$failure"
    [ "$failure" = 0 ] || echo 'somebody else has made it meanwhile: it goes on' >&2
    failure=0
  elif [ -n "$is_there" ]; then
    is_there=
  else
    printf '$ %s\n' "$*" >&2
    "$@" || failure=$?
    [ "$failure" = 0 ] || [ -n "$may_fail" ] || exit "$failure"
  fi
}

# may_fail LINE ; MORE...: does a line behind the word `or` follow the first one?
may_fail() {
  while [ "$1" != ';' ]; do shift; done
  [ "${2-}" != or ] || echo yes
}

if mountpoint -q "$mount"; then
  wait='wait for whoever uses it, or umount it, then call again'
  echo "$mount is mounted already: $wait" >&2
  exit 1
fi
trap 'if mountpoint -q "$mount"; then fusermount3 -u "$mount" || umount "$mount"; fi' EXIT
trap 'exit 130' INT TERM
while [ $# -gt 0 ]; do
  run_line "$(may_fail "$@")" "$@"
  while [ "$1" != ';' ]; do shift; done
  shift
done
