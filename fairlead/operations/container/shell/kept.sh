# kept FOLDER
# Prints a line "NAME WORDS" for each container that keeps options of the one before it.
for file in "$1"/*; do
  case $file in *.env | *.before) continue ;; esac
  [ ! -f "$file" ] || printf '%s %s\n' "${file##*/}" "$(cat "$file")"
done
