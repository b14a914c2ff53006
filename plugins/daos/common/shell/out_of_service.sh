# out_of_service ENGINE FOLDER TAG IMAGE: what into_service did, or half did, is undone.
#
# (session_lib.sh)

# shellcheck source=session_lib.sh
. ./session_lib.sh
if [ ! -d "$folder/new" ]; then
  is_now || exit $(($? - 1)) # nothing was done; 1: the engine does not answer
  mv "$folder/now" "$folder/new" || exit 1
fi
move before now
move oldest before
rm -rf "$folder/new"
name_images
