# private_folder FOLDER: makes it, root's alone.

set -eu
mkdir -p "$1"
chown 0:0 "$1"
chmod 700 "$1"
