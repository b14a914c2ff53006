# merge MERGE-NEW MERGE-OLD ROOT VOLUME...
# Config volumes take over what the new image brings, as a package manager does with conffiles.
# MERGE-NEW and MERGE-OLD are the texts of the programs of these names.
set -eu
# shellcheck source=take.sh
. ./take.sh
pass_new=$1 pass_old=$2 root=$3
shift 3
for volume; do
  [ "$(kind "$volume")" = config ] || continue
  at=$(path "$volume")
  words=${volume#*:}
  keep=${words#"$at"}
  keep=${keep#:}
  old=$root/current/.defaults$at new=$root/arriving$at current=$root/current$at
  mkdir -p "$old"
  (cd "$new" && find . ! -name . -exec sh -c "$pass_new" merge "$old" "$new" "$current" "$keep" {} +)
  (cd "$old" && find . -depth ! -name . -exec sh -c "$pass_old" merge "$old" "$new" "$current" "$keep" {} +)
  rm -rf "$old"
  mv "$new" "$old"
done
rm -rf "$root/arriving"
