# finish_compose ENGINE ROOT OLD-IMAGE TAG
# Under Compose no container is kept; its image, under TAG, and its state are.
set -eu
# shellcheck source=previous_lib.sh
. ./previous_lib.sh
engine=$1 root=$2 image=$3 tag=$4
"$engine" tag "$image" "$tag"
if [ -d "$root/kept" ]; then replace_previous "$root"; fi
clear_notes "$root"
