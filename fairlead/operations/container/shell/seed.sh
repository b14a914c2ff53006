# seed ENGINE IMAGE TEMPORARY ROOT VOLUME...
# The volumes that are not there yet begin as the image has them. TEMPORARY: the name of a container
# that is made for it and goes again.
set -eu
# shellcheck source=take.sh
. ./take.sh
umask 077
engine=$1 image=$2 temporary=$3 root=$4
shift 4
mkdir -p "$root/current/.defaults"
rm -rf "$root/new"
mkdir "$root/new"
open_image "$engine" "$image" "$temporary"
for volume; do
  at=$(path "$volume")
  [ ! -d "$root/current$at" ] || continue
  take "$engine" "$temporary" "$at" "$root/new"
  make_parents "$root" "$at"
  if [ "$(kind "$volume")" = config ]; then
    rm -rf "$root/current/.defaults$at"
    cp -a "$root/new$at" "$root/current/.defaults$at"
  fi
  mv "$root/new$at" "$root/current$at"
done
close_image "$engine" "$temporary"
rm -rf "$root/new"
