# remove_noted NOTE: removes the folders that note_missing listed, where they are there and empty.
#
# Exit code: 0.

while read -r folder; do
  rmdir "$folder" 2>/dev/null || :
done 2>/dev/null <"$1"
rm -f "$1"
