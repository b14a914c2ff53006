# pinned ENGINE "IMAGE IMAGE@DIGEST" IMAGE
# Is the image here the very one that another host resolved the name to? Where ours has another name
# (hosts of two flavors), our own name decides. 0 yes, 1 no, 2 the engine does not answer.
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
# shellcheck source=registry.sh
. ./registry.sh
engine=$1 resolved=$2 image=$3
if [ "${resolved%% *}" = "$image" ]; then
  digests=$(image_digests "$engine" "$image" 2>/dev/null) || {
    "$engine" image ls -q >/dev/null || exit 2
    exit 1
  }
  printf '%s\n' "$digests" | grep -qxF "${resolved#* }"
  exit
fi
is_fresh "$engine" "$image"
