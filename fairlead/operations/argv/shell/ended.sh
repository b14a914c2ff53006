# ended CONTAINER
# Note the end of a container of Podman that nobody watches. 0 done; 1 there was no need, or it still
# runs.
# shellcheck source=ended_lib.sh
. ./ended_lib.sh
ended "$1"
