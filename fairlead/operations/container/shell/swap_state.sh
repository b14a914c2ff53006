# swap_state ROOT PATH...
# The state in ROOT/restoring takes the place of today's, which waits in ROOT/newer. A PATH that it does not
# hold stays as it is today.
set -eu
root=$1
shift
if [ -d "$root/newer" ]; then mv "$root/newer" "$root/newer-$(date -u +%Y%m%dT%H%M%SZ)"; fi
for path; do
  for place in "$path" "/.defaults$path"; do
    if [ -d "$root/current$place" ] && [ ! -d "$root/restoring$place" ]; then
      mkdir -p "$root/restoring${place%/*}"
      cp -a "$root/current$place" "$root/restoring$place"
    fi
  done
done
mv "$root/current" "$root/newer"
mv "$root/restoring" "$root/current"
