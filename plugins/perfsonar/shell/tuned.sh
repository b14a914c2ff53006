# tuned PROC FILE KEPT BEFORE, FILE's text by stdin
# Has FILE this text, and the kernel its values? 1: no.
# shellcheck source=tune_lib.sh
. ./tune_lib.sh
text=$(cat)
[ "$text" = "$(cat "$file" 2>/dev/null)" ] || exit 1
printf '%s\n' "$text" | pairs | while read -r name value; do
  [ "$(value_of "$name")" = "$value" ] || exit 1
done
