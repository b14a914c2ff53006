# adopt ENGINE OLD-CONTAINER OLD-IMAGE TEMPORARY ROOT VOLUME...
# What a stopped container holds inside becomes its state on the host; inside it stays as it is.
set -eu
# shellcheck source=take.sh
. ./take.sh
umask 077
engine=$1 old=$2 image=$3 temporary=$4 root=$5
shift 5
mkdir -p "$root/current/.defaults"
rm -rf "$root/new"
mkdir -p "$root/new/.defaults"
open_image "$engine" "$image" "$temporary"
for volume; do
  at=$(path "$volume")
  take "$engine" "$old" "$at" "$root/new"
  make_parents "$root" "$at"
  if [ "$(kind "$volume")" = config ]; then
    take "$engine" "$temporary" "$at" "$root/new/.defaults"
    mv "$root/new/.defaults$at" "$root/current/.defaults$at"
  fi
  mv "$root/new$at" "$root/current$at"
done
close_image "$engine" "$temporary"
rm -rf "$root/new"
