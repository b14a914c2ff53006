# listens_itself ENGINE CONTAINER ID PID PORT...
# Is it one of this container's own processes that listens on each of these TCP ports? It has the
# host's network, where another container, or the host, may have taken one before it. Who listens
# is looked up in the kernel's tables, by the inode of the socket. ID, PID: which container it was,
# and its main process; where that does not live any more, the engine is asked.
# Exit codes: 0 yes; 1 no, which is told; 2 the engine does not answer.
# shellcheck source=lives_lib.sh
. ./lives_lib.sh
engine=$1 container=$2 first=$4
lives "$3" "$4" || first=$("$engine" container inspect --format '{{.State.Pid}}' "$container") || exit 2
shift 4
space=$(readlink "/proc/$first/ns/pid") || exit 1
# shellcheck disable=SC2012 # names of /proc
own=$(ls -l /proc/[0-9]*/ns/pid 2>/dev/null |
  awk -v space="$space" '$NF == space { sub("ns/pid", "fd", $(NF - 2)); print $(NF - 2) }')
for port; do
  inodes=$(awk -v port=":$(printf %04X "$port")\$" '$4 == "0A" && $2 ~ port { print $10 }' \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null)
  found=
  for inode in $inodes; do
    # shellcheck disable=SC2086,SC2010 # one word for each; names of /proc
    ! ls -l $own 2>/dev/null | grep -qF "socket:[$inode]" || found=1
  done
  if [ -z "$found" ]; then
    who="nobody listens"
    [ -z "$inodes" ] || who="another listens"
    echo "$who on port $port, not $container" >&2
    exit 1
  fi
done
