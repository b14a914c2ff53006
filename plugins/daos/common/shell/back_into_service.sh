# back_into_service ENGINE FOLDER TAG: sessions begin from what was in service before.
#
# What was newer goes with the next change. (session_lib.sh)

set -eu
# shellcheck source=session_lib.sh
. ./session_lib.sh
rm -rf "$folder/newer"
move now newer
move before now
name_images
