# make_folder PATH
set -eu
umask 077
mkdir -p "$1"
chmod 700 "$1"
