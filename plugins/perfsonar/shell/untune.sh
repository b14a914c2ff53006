# untune PROC FILE KEPT BEFORE
# All is as it was before tune, or tune_gone. 0 also where nothing was begun.
# shellcheck source=tune_lib.sh
. ./tune_lib.sh
[ -d "$kept" ] || exit 0
code=0
while read -r name value; do set_value "$name" "$value" || code=1; done <"$kept/values"
if [ -e "$kept/file" ]; then cp -p "$kept/file" "$file"; else rm -f "$file"; fi || code=1
if [ -e "$kept/before" ]; then cp -p "$kept/before" "$before"; else rm -f "$before"; fi || code=1
[ $code != 0 ] || rm -rf "$kept"
exit $code
