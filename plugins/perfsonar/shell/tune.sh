# tune PROC FILE KEPT BEFORE, FILE's text by stdin
# FILE has this text, and the kernel its values; of what FILE had and has no longer, those of before. 1: it does not take one.
# shellcheck source=tune_lib.sh
. ./tune_lib.sh
set -eu
umask 022
text=$(cat)
now=$(printf '%s\n' "$text" | pairs)
old=$([ ! -e "$file" ] || pairs <"$file")
# shellcheck disable=SC2046 # names are words
save $(printf '%s\n' "$now" "$old" | sed 's/ .*//' | sort -u)
printf '%s\n' "$now" | while read -r name _; do
  grep -q "^$name " "$before" 2>/dev/null || printf '%s %s\n' "$name" "$(value_of "$name")" >>"$before"
done
mkdir -p "${file%/*}"
printf '%s\n' "$text" >"$file.fairlead-new"
sync "$file.fairlead-new" 2>/dev/null || sync
mv -f "$file.fairlead-new" "$file"
printf '%s\n' "$now" | while read -r name value; do set_value "$name" "$value"; done
printf '%s\n' "$old" | while read -r name _; do
  [ -z "$name" ] || printf '%s\n' "$now" | grep -q "^$name " || set_value "$name" "$(before_of "$name")"
done
