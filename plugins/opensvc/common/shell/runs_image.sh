# runs_image FILTER IMAGE: does the container run on what this name means now?
#
# Exit codes: 0 yes, or there is no container; 1 no; 2 the engine does not answer.

# shellcheck source=containers.sh
. ./containers.sh
id=$(container_id "$1") || exit 2
[ -n "$id" ] || exit 0
is=$(docker container inspect --format '{{.Image}}' "$id")
[ "$is" = "$(docker image inspect --format '{{.Id}}' "$2")" ]
