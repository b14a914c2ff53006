# note FILTER NOTE HASH: the file NOTE says what the container was made from, beside its ID.

# shellcheck source=containers.sh
. ./containers.sh
set -eu
umask 077
mkdir -p "${2%/*}"
id=$(container_id "$1")
printf '%s %s\n' "$id" "$3" >"$2.new"
mv -f "$2.new" "$2"
