# put_files STEP PATH MODE OWNER ..., for each a line of base64 by stdin
# The files are as given, all or none: all are written beside their places before the first of them
# is put there. MODE and OWNER -: as they are, or 644 root:root where there is none. 2: a line is
# missing.
set -eu
umask 077
# shellcheck source=file_lib.sh
. ./file_lib.sh
step=$1
shift
lay_all() {
  while [ $# -gt 0 ]; do
    locate "$step" "$1" "$2"
    IFS= read -r line || exit 2
    printf %s "$line" | base64 -d | lay "$2" "$3"
    shift 3
  done
}
swap_all() {
  while [ $# -gt 0 ]; do
    locate "$step" "$1" "$2"
    swap
    shift 3
  done
}
lay_all "$@"
swap_all "$@"
