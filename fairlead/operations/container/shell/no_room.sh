# no_room FOLDER
# Says on stderr that the disk below FOLDER is full, if it is: what has no room for a file says that
# where nobody sees it. 0 always.
available=$(df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print $4 }')
[ "$available" != 0 ] || echo "$1: No space left on device" >&2
