# ROOT ENGINE: the names of the images on the host, without their tags; nothing where no test point has
# its state in ROOT, or the engine does not answer.
root=$1 engine=$2
[ -d "$root/current" ] || exit 0
"$engine" image ls --format '{{.Repository}}' 2>/dev/null | sort -u
