# finish_compose ENGINE ROOT OLD-IMAGE TAG SPARE
# Under Compose no container is kept; its image, under TAG, and its state are. SPARE: the name that
# kept the image so far.
set -eu
# shellcheck source=previous_lib.sh
. ./previous_lib.sh
engine=$1 root=$2 image=$3 tag=$4 spare=$5
"$engine" tag "$image" "$tag"
"$engine" rmi "$spare" >/dev/null 2>&1 || :
if [ -d "$root/kept" ]; then replace_previous "$root"; fi
clear_notes "$root"
