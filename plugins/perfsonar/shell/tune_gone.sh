# tune_gone PROC FILE KEPT BEFORE
# FILE is gone, and what it set has the values of before it; but what somebody has set otherwise since.
# shellcheck source=tune_lib.sh
. ./tune_lib.sh
set -eu
old=$(pairs <"$file")
# shellcheck disable=SC2046 # names are words
save $(printf '%s\n' "$old" | sed 's/ .*//')
rm -f "$file"
printf '%s\n' "$old" | while read -r name value; do
  first=$(before_of "$name" 2>/dev/null) || first=
  [ -z "$first" ] || [ "$(value_of "$name")" != "$value" ] || set_value "$name" "$first"
done
rm -f "$before"
