# room FOLDER ENGINE KEY
# Prints `df -Pk` of the file system where FOLDER lies, or where the engine keeps images if FOLDER
# is "". KEY: how `info` of the engine names that folder.
# shellcheck source=disk_lib.sh
. ./disk_lib.sh
# shellcheck source=once_lib.sh
. ./once_lib.sh
folder=$1 engine=$2 key=$3
if [ -z "$folder" ]; then
  folder=$(engine_info "$engine" | sed -n "s/.*\"$key\": *\"\(\/[^\"]*\)\".*/\1/p" | head -n 1)
fi
df -Pk "$(nearest_folder "${folder:-/var/lib}")"
