# unseed ENGINE TEMPORARY ROOT VOLUME...
# Takes away what seed or adopt made, and nothing else: the volumes named were not there before.
set -u
# shellcheck source=take.sh
. ./take.sh
engine=$1 temporary=$2 root=$3
shift 3
"$engine" rm -f -v "$temporary" >/dev/null 2>&1
rm -rf "$root/new"
cd "$root" 2>/dev/null || exit 0
for volume; do
  at=$(path "$volume")
  rm -rf "current$at" "current/.defaults$at" || exit 1
  rmdir -p "current/.defaults${at%/*}" 2>/dev/null
  rmdir -p "current${at%/*}" 2>/dev/null
done
rmdir "$root" 2>/dev/null || :
