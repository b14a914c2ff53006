# shelve ROOT
# The state that was set aside gets its name for good, which is noted in ROOT/shelved; prints where.
set -eu
root=$1
rm -f "$root/shelved"
[ -d "$root/newer" ] || exit 0
place=$root/newer-$(date -u +%Y%m%dT%H%M%SZ)
printf %s "$place" >"$root/shelved"
mv "$root/newer" "$place"
echo "the newer state lies in $place"
