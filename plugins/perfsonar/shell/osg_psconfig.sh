# FROM TO: what lies in the folder FROM lies in TO, as it was there.
set -eu
[ -d "$2" ] || exit 1
cp -a "$1/." "$2/"
