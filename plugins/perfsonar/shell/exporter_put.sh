# FILE DEFAULTS OPTIONS PROGRAM: FILE says what PROGRAM (awk) makes of DEFAULTS and OPTIONS. It is
# written in place: it may be a mount of its own, which cannot be renamed over.
set -eu
[ -f "$2" ] || { echo "the image has no ${1##*/}: node_exporter is in it from 5.1.0 on" >&2; exit 1; }
text=$(OPTIONS=$3 awk "$4" "$2")
printf '%s\n' "$text" >"$1"
