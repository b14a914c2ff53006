# FILE MODE, the content by stdin: is it the file's, and is its mode this? Exit code 1: no.
[ -f "$1" ] && [ ! -h "$1" ] && [ "$(stat -c %a "$1")" = "$2" ] && [ "$(sha256sum)" = "$(sha256sum <"$1")" ]
