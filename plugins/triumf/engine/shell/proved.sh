# DATA_ROOT LIVE BRIDGE: does the engine say of itself that it is so? LIVE: `live`, or "" where it
# does not matter, BRIDGE: the bridge of its own network, "" likewise. Exit code 0: yes, 1: no, 2: it
# does not answer. What is otherwise is said.
wanted=$1 live=$2 bridge=$3
root=$(docker info -f '{{.DockerRootDir}}' 2>/dev/null)
[ -n "$root" ] || {
  echo 'the engine does not answer' >&2
  exit 2
}
# With users of their own (userns-remap) containers lie in UID.GID below the data root.
plain=$(printf '%s\n' "$root" | sed 's|/[0-9]*[.][0-9]*$||')
[ "$root" = "$wanted" ] || [ "$(readlink -f "$plain")" = "$(readlink -f "$wanted")" ] || {
  echo "the engine keeps its images at $root, and the site says $wanted" >&2
  exit 1
}
[ -z "$live" ] || [ "$(docker info -f '{{.LiveRestoreEnabled}}')" = true ] || {
  echo 'the engine has live-restore off, and the site says on' >&2
  exit 1
}
[ -n "$bridge" ] || exit 0
name=$(docker network inspect -f '{{index .Options "com.docker.network.bridge.name"}}' bridge \
  2>/dev/null)
[ "$name" = "$bridge" ] || {
  echo "the engine's bridge is ${name:-none}, and the site says $bridge" >&2
  exit 1
}
