# keep_image ENGINE NAME-FILTER TAG
# The image of the container that stands there gets another name, TAG, before somebody else may take
# its own, where it would be lost with that. 2: the engine does not answer.
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
engine=$1 filter=$2 tag=$3
loses_images "$engine"
case $? in 0) ;; 1) exit 0 ;; *) exit 2 ;; esac
id=$(container_id "$engine" "$filter") || exit 2
[ -n "$id" ] || exit 0
image=$("$engine" container inspect --format '{{.Image}}' "$id") || exit 2
has_lost "$engine" "$image" || "$engine" tag "$image" "$tag"
