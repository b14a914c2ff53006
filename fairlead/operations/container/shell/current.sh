# current ENGINE NAME-FILTER SPEC IMAGE
# Does it run, as the site says, on the image that this name means now? 0 yes, 1 no, 2 the engine
# does not answer.
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
engine=$1 filter=$2 spec=$3 image=$4
id=$(container_id "$engine" "$filter") || exit 2
[ -n "$id" ] || exit 1
runs=$("$engine" container inspect --format '{{.Image}} {{.State.Running}} {{index .Config.Labels "fairlead.spec"}}' "$id") || exit 2
newest=$("$engine" image inspect --format '{{.Id}}' "$image") || exit 2
[ "$runs" = "$newest true $spec" ]
