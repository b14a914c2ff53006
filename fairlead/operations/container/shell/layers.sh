# layers ENGINE
# Prints the layers of each image here, a list in JSON a line. Nothing where the engine wants all layers of an
# archive: Podman, and Docker where containerd keeps its images.
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
engine=$1
[ "$engine" = docker ] || exit 0
loses_images "$engine"
case $? in 0) exit 0 ;; 1) ;; *) exit 2 ;; esac
ids=$("$engine" image ls -aq --no-trunc | sort -u)
# shellcheck disable=SC2086 # one word for each
[ -z "$ids" ] || "$engine" image inspect --format '{{json .RootFS.Layers}}' $ids
