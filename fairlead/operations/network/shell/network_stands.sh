# network_stands ENGINE NAME SPEC WHOSE
# 0 the network is there and as asked; 1 it is not there; 2 it is other, or the engine does not
# answer. WHOSE: the component, for the remedy.
engine=$1 name=$2 spec=$3 whose=$4
networks=$("$engine" network ls --format '{{.Name}} {{.Label "fairlead.spec"}}') || exit 2
own=$(printf '%s\n' "$networks" | awk -v name="$name" '$1 == name')
[ -n "$own" ] || exit 1
[ "$own" = "$name $spec" ] || {
  echo "Docker has a network $name with other settings: inv $whose.down, docker network rm $name, inv $whose.up" >&2
  exit 2
}
