# not_back_into_service ENGINE FOLDER TAG: what back_into_service did, or half did, is undone.
#
# (session_lib.sh)

# shellcheck source=session_lib.sh
. ./session_lib.sh
[ -d "$folder/newer" ] || exit 0
move now before
move newer now
name_images
