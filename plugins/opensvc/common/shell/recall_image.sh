# recall_image IMAGE MEMORY: the name means again what remember_image kept.
#
# Exit codes: 0, also where nothing was kept; 1 the engine does not answer.

id=$(docker image ls -q --no-trunc "$2") || exit 1
[ -z "$id" ] || docker tag "$2" "$1"
