# swap_back ROOT
# What swap_state did, undone; what was restored goes again.
set -eu
root=$1
[ -d "$root/newer" ] || exit 0
rm -rf "$root/restoring"
if [ -d "$root/current" ]; then mv "$root/current" "$root/restoring"; fi
mv "$root/newer" "$root/current"
rm -rf "$root/restoring"
