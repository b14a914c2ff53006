# is_file PATH MODE OWNER SHA256
# Is the file as it has to be? 0 yes, 1 no.
# shellcheck source=file_lib.sh
. ./file_lib.sh
is_placed "$1" "$2" "$3" || exit 1
[ "$(sha256sum <"$1")" = "$4  -" ]
