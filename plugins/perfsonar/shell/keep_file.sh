# FILE COPY: the copy says what the file says now, for file_back.
set -eu
umask 077
rm -f "$2"
cp -p "$1" "$2"
