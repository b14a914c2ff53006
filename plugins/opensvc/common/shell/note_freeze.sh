# note_freeze NOTE: the file NOTE says that we froze a service.

set -eu
umask 077
mkdir -p "${1%/*}"
: >"$1"
