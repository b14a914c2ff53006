# archive ENGINE CONTAINER FOLDER NAME VOLUMES PATH...
# What a container that stands still holds in its own layer, without the PATHs, becomes
# FOLDER/NAME-inside-TIME.tar.gz, readable by us alone, with what inspect says of it; prints where.
# VOLUMES: "volumes": and what lies in volumes that have no name, for they go with it.
set -eu
# shellcheck source=take.sh
. ./take.sh
# shellcheck source=inside_lib.sh
. ./inside_lib.sh
umask 077
engine=$1 container=$2 folder=$3 name=$4 with=$5
shift 5
inside "$engine" "$container" "$with" "$@" || exit 1
if [ -z "$files$nameless" ]; then exit 0; fi
mkdir -p "$folder"
file=$folder/$name-inside-$(date -u +%Y%m%dT%H%M%SZ).tar.gz
work=$folder/.$name-inside
rm -rf "$work"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/files"
"$engine" container inspect "$container" >"$work/inspect.json"
printf '%s\n' "$changes" >"$work/changes"
printf '%s\n' "$files" >"$work/list"
{ "$engine" export "$container" || : >"$work/failed"; } |
  tar -xpf - --numeric-owner --no-recursion --verbatim-files-from --no-unquote -C "$work/files" -T "$work/list" 2>"$work/errors" || :
# a socket is in no archive: that one is missing is no failure
if [ -e "$work/failed" ] || grep -vE 'Not found in archive$|previous errors$' "$work/errors" >&2; then exit 1; fi
for path in $nameless; do take "$engine" "$container" "$path" "$work/files"; done
rm -f "$work/list" "$work/errors"
tar -C "$work" -czf "$file.new" .
mv "$file.new" "$file"
printf 'what no volume holds lies in %s\n' "$file"
