# WORK: an empty folder with an empty tree in it.
work=$1
umask 022
rm -rf --one-file-system "$work" && mkdir -p "${work%/*}" && mkdir -m 0700 "$work" &&
  mkdir "$work/tree"
