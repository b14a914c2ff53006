# is_copy FROM TO: is the file TO a copy of FROM?
#
# Exit codes: 0 yes; 1 no; 2 there is no FROM.

[ -f "$1" ] || {
  echo "there is no $1" >&2
  exit 2
}
[ -f "$2" ] && [ "$(sha256sum <"$1")" = "$(sha256sum <"$2")" ]
