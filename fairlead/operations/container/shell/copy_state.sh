# copy_state ROOT
# ROOT/kept becomes a copy of the state, to return to; it is whole, or not there.
set -eu
root=$1
rm -rf "$root/kept.new"
cp -a --reflink=auto "$root/current" "$root/kept.new" 2>/dev/null || {
  rm -rf "$root/kept.new"
  cp -a "$root/current" "$root/kept.new"
}
sync -f "$root/kept.new" 2>/dev/null || sync
mv "$root/kept.new" "$root/kept"
