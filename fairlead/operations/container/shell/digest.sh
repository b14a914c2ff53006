# digest ENGINE IMAGE
# Prints "IMAGE IMAGE@DIGEST", what the name means today; an image that no registry knows has no
# digest and is named as it is.
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
engine=$1 image=$2
digests=$(image_digests "$engine" "$image") || exit 1
pinned=$(printf '%s\n' "$digests" | sed -n '/@sha256:/{p;q;}')
printf '%s %s\n' "$image" "${pinned:-$image}"
