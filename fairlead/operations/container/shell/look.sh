# look ENGINE NAME-FILTER FORMAT
# Prints a line in FORMAT for each container of these names; nothing for none. 2: the engine does
# not answer.
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
engine=$1 filter=$2 format=$3
ids=$(container_id "$engine" "$filter") || exit 2
# shellcheck disable=SC2086 # one word for each
[ -z "$ids" ] || "$engine" container inspect --format "$format" $ids
