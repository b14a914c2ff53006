# network_stands ENGINE NAME SPEC WHOSE
# 0 the network is there and as asked; 1 it is not there; 2 it is other, or the engine does not
# answer. WHOSE: the component, for the remedy.
engine=$1 name=$2 spec=$3 whose=$4
about='{{.Name}} {{.Label "fairlead.spec"}}'
[ "$engine" = docker ] || about='{{.Name}} {{.Labels}}'
networks=$("$engine" network ls --format "$about") || exit 2
own=$(printf '%s\n' "$networks" | awk -v name="$name" '$1 == name')
[ -n "$own" ] || exit 1
case $own in "$name $spec" | "$name fairlead.spec=$spec") exit ;; esac
case $engine in docker) engine_name=Docker ;; *) engine_name=Podman ;; esac
echo "$engine_name has a network $name with other settings: inv $whose.down, $engine network rm $name, inv $whose.up" >&2
exit 2
