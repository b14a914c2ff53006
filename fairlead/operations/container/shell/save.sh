# save FOLDER NAME WORD...
# What the words print becomes FOLDER/NAME-TIME, readable by us alone; prints the path.
set -eu
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
umask 077
folder=$1 name=$2
shift 2
mkdir -p "$folder"
file=$folder/$name-$(date -u +%Y%m%dT%H%M%SZ)
write_whole "$file" "$@" || exit 1
printf '%s\n' "$file"
