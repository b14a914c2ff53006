# into_service ENGINE FOLDER TAG IMAGE: sessions begin from the files in FOLDER/next and IMAGE.
#
# What they began from is kept as `before`. (session_lib.sh)

set -eu
# shellcheck source=session_lib.sh
. ./session_lib.sh
rm -rf "$folder/new" "$folder/oldest" "$folder/newer"
cp -R "$folder/next" "$folder/new"
image_id "$image" >"$folder/new/image"
[ -s "$folder/new/image" ]
move before oldest
move now before
move new now
name_images
