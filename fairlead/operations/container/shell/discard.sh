# discard ENGINE NAME-FILTER KEEP-ID
# Remove the container of this name, unless it is the one with that ID; its last words come first.
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
engine=$1 filter=$2 keep=$3
id=$(container_id "$engine" "$filter") || exit 1
if [ -z "$id" ] || [ "$id" = "$keep" ]; then exit 0; fi
"$engine" logs --tail 20 "$id" 2>&1 || :
"$engine" rm -f -v "$id"
