# halt ENGINE NAME-FILTER
# Stop the containers of these names that run.
# shellcheck source=../../argv/shell/ended_lib.sh
. ../../argv/shell/ended_lib.sh
engine=$1 filter=$2
ids=$("$engine" container ls -q --filter "$filter") || exit 1
# shellcheck disable=SC2086 # one word for each
[ -z "$ids" ] || "$engine" stop $ids || exit
[ "$engine" = podman ] || exit 0
for id in $ids; do ended "$id" || :; done
