# FILE SHA256: does the file hold this? Exit code 1: it does not, or is not there.
[ -f "$1" ] && [ ! -h "$1" ] && [ "$(sha256sum <"$1")" = "$2  -" ]
