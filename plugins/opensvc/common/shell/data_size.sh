# data_size FOLDER: prints how many bytes a folder takes on its file system.
#
# Exit codes: 0; 1 there is no such folder.

[ -d "$1" ] || exit 1
du -skx "$1" 2>/dev/null | awk '{ print $1 * 1024 }'
