# hold_files PATH MODE OWNER ..., for each a line of base64 by stdin
# Does each hold what stdin says? 0 yes, 1 no, 2 a line is missing.
# shellcheck source=file_lib.sh
. ./file_lib.sh
while [ $# -gt 0 ]; do
  IFS= read -r line || exit 2
  is_placed "$1" "$2" "$3" || exit 1
  [ "$(printf %s "$line" | base64 -d | sha256sum)" = "$(sha256sum <"$1")" ] || exit 1
  shift 3
done
