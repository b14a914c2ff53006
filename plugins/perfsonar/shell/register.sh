# FILE EDIT KEYS: the configuration of the lookup service's daemon has these lines. It is written in
# place: the daemon watches this very file.
set -eu
file=$1 edit=$2
new=$(mktemp "$file.XXXXXX")
trap 'rm -f "$new"' EXIT
KEYS=$3 awk "$edit" "$file" >"$new"
cat "$new" >"$file"
