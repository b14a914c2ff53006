# take_back ROOT
# What set_aside did, undone.
set -eu
root=$1
[ -d "$root/newer" ] || exit 0
if [ -d "$root/current" ]; then mv "$root/current" "$root/previous"; fi
mv "$root/newer" "$root/current"
