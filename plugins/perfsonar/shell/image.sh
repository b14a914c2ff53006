# ENGINE CONTAINER: ID, time of its making and digests of the image that runs. Exit code 1: none does.
engine=$1 container=$2
id=$("$engine" container inspect --format '{{.Image}}' "$container") || exit 1
"$engine" image inspect --format '{{.Id}} {{json .Created}} {{json .RepoDigests}}' "$id"
