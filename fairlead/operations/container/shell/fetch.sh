# fetch ENGINE IMAGE TEMPORARY ROOT VOLUME...
# What the new image brings is laid ready in ROOT/arriving before anything is stopped.
set -eu
# shellcheck source=take.sh
. ./take.sh
umask 077
engine=$1 image=$2 temporary=$3 root=$4
shift 4
mkdir -p "$root"
rm -rf "$root/arriving"
mkdir "$root/arriving"
open_image "$engine" "$image" "$temporary"
for volume; do
  [ "$(kind "$volume")" != config ] || take "$engine" "$temporary" "$(path "$volume")" "$root/arriving"
done
close_image "$engine" "$temporary"
