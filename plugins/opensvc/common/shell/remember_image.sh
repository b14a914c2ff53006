# remember_image IMAGE MEMORY: what the name means now has the name MEMORY too.
#
# Exit codes: 0, also where there is no such image; 1 the engine does not answer.

id=$(docker image ls -q --no-trunc "$1") || exit 1
[ -z "$id" ] || docker tag "$1" "$2"
