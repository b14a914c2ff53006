# name_image ENGINE IMAGE NAME [TAG]
# NAME means IMAGE from now on. Where a TAG is given, what it meant before is kept under that, if it
# would be lost. An image that the engine has lost gets no name: its containers run without.
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
engine=$1 image=$2 name=$3 tag=$4
if has_lost "$engine" "$image"; then
  echo "$engine has no image $image any more; $name stays what it is" >&2
  exit 0
fi
if [ -n "$tag" ] && loses_images "$engine" && ! has_lost "$engine" "$name"; then
  "$engine" tag "$name" "$tag" || exit 1
fi
"$engine" tag "$image" "$name"
