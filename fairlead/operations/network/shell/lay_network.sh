# lay_network NAME TEXT
# TEXT is the file by which Podman knows the network, and Podman knows it. 1: it does not read it.
set -eu
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
umask 022
folder=/etc/containers/networks
mkdir -p "$folder"
write_whole "$folder/$1.json" printf '%s\n' "$2"
podman network inspect "$1" >/dev/null || {
  rm -f "$folder/$1.json"
  exit 1
}
