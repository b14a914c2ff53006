# FILE TRIAL COPY MODE COMMAND..., the content by stdin: the file holds it, once COMMAND (the container's
# own check of TRIAL, which lies where the container sees it) has found nothing wrong. It is written
# in place where it is there. COPY: what it was, for unplace. Exit code: that of COMMAND.
set -u
umask 077
file=$1 trial=$2 copy=$3 mode=$4
shift 4
rm -f "$copy" "$copy.none"
trap 'rm -f "$trial"' EXIT
cat >"$trial" && chmod "$mode" "$trial" || exit 1
"$@" || exit
if [ -e "$file" ]; then cp -p "$file" "$copy"; else : >"$copy.none"; fi || exit 1
if [ ! -e "$file" ]; then : >"$file" && chmod "$mode" "$file" || exit 1; fi
cat "$trial" >"$file"
