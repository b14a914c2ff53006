# nobody_uses others|anybody MOUNT...: does nobody use these file systems?
#
# others: who is neither an engine nor, by its mount namespace, in a container. A process uses a
# file system by its working directory, root, program or open files.
# Exit codes: 0 nobody; 1 somebody, who is named on stderr.

by=$1
shift
for mnt; do
  # shellcheck disable=SC2012
  ls -l /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe /proc/[0-9]*/fd 2>/dev/null |
    awk -v mnt="$mnt" '
      /^\/proc\/[0-9]+\/fd:$/ { split($0, part, "/"); pid = part[3] }
      { at = index($0, " -> "); if (!at) next; to = substr($0, at + 4); user = pid }
      match($0, /\/proc\/[0-9]+\//) && RSTART < at {
        split(substr($0, RSTART), part, "/")
        user = part[3]
      }
      to == mnt || index(to, mnt "/") == 1 { print user }'
done | sort -un | {
  busy=
  while read -r pid; do
    name=$(cat "/proc/$pid/comm" 2>/dev/null) || continue
    case $by:$name in
      others:dockerd | others:docker | others:docker-* | others:containerd*) continue ;;
    esac
    [ "$by" = anybody ] ||
      [ "$(readlink "/proc/$pid/ns/mnt")" = "$(readlink /proc/$$/ns/mnt)" ] || continue
    [ "$pid" = $$ ] || busy="$busy $name($pid)"
  done
  [ -z "$busy" ] || {
    echo "in use by$busy" >&2
    exit 1
  }
}
