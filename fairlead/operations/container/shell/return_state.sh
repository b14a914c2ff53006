# return_state ROOT
# The copy in ROOT/kept is the state again; what stands in its place goes to ROOT/failed.
set -eu
root=$1
rm -rf "$root/kept.new"
[ -d "$root/kept" ] || exit 0
if [ -d "$root/current" ]; then
  rm -rf "$root/failed"
  mv "$root/current" "$root/failed"
fi
mv "$root/kept" "$root/current"
