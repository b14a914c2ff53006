# note_missing NOTE FOLDER...: the file NOTE lists those of the folders, and of the folders above
# them, that are not there, the deepest first.

set -eu
note=$1
shift
umask 077
mkdir -p "${note%/*}"
for folder; do
  while [ ! -e "$folder" ]; do
    echo "$folder"
    folder=${folder%/*}
    [ -n "$folder" ] || break
  done
done >"$note.new"
mv -f "$note.new" "$note"
