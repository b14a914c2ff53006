# remember FILE WORD...
# What the words print is written down, readable by us alone.
set -eu
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
umask 077
file=$1
shift
mkdir -p "${file%/*}"
write_whole "$file" "$@" || exit 1
