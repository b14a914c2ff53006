# put_files PATH MODE OWNER ..., for each a line of base64 by stdin
# The files are as given, all or none: all are written beside their places before the first of them
# is put there. 2: a line is missing.
set -eu
umask 077
# shellcheck source=file_lib.sh
. ./file_lib.sh
lay_all() {
  while [ $# -gt 0 ]; do
    locate "$1"
    IFS= read -r line || exit 2
    make_folders
    printf %s "$line" | base64 -d >"$new"
    dress "$2" "$3"
    shift 3
  done
}
swap_all() {
  while [ $# -gt 0 ]; do
    locate "$1"
    swap
    shift 3
  done
}
lay_all "$@"
swap_all "$@"
