# FILE DEFAULTS OPTIONS PROGRAM: does FILE say what PROGRAM (awk) makes of DEFAULTS, the image's file,
# and OPTIONS? 1: it does not, or one of them is not there.
[ -f "$1" ] && [ -f "$2" ] || exit 1
[ "$(OPTIONS=$3 awk "$4" "$2")" = "$(cat "$1")" ]
