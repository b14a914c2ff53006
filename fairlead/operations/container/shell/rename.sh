# rename ENGINE CONTAINER NAME
# Give a container this name, whatever it is called now.
engine=$1 container=$2 name=$3
now=$("$engine" container inspect --format '{{.Name}}' "$container") || exit 1
[ "${now#/}" = "$name" ] || "$engine" rename "$container" "$name"
