# FOLDER: it is there and condor's, or holds what stays as it is. An empty one of root's was made by
# hand, or is a disk that was mounted there: condor cannot write into it.
[ -d "$1" ] || exit 1
[ "$(stat -c %u "$1")" != 0 ] ||
  [ -n "$(find "$1" -mindepth 1 ! -name lost+found -print | head -n 1)" ]
