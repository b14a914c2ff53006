# ENGINE IMAGE: the architecture of an image that is here, in Docker's words; nothing where it is not.
engine=$1 image=$2
[ -n "$("$engine" image ls -q "$image")" ] || exit 0
"$engine" image inspect --format '{{.Architecture}}' "$image"
