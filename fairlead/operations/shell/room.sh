# room FOLDER ENGINE FORMAT
# Prints `df -Pk` of the file system where FOLDER lies, or where the engine keeps images if FOLDER
# is "". FORMAT: how `info` of the engine names that folder.
# shellcheck source=disk_lib.sh
. ./disk_lib.sh
folder=$1 engine=$2 format=$3
[ -n "$folder" ] || folder=$("$engine" info --format "$format" 2>/dev/null) || folder=/var/lib
df -Pk "$(nearest_folder "$folder")"
