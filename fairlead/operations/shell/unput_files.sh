# unput_files STEP PATH MODE OWNER ...
# The old files, or none, are there again.
set -u
umask 077
# shellcheck source=file_lib.sh
. ./file_lib.sh
step=$1
shift
while [ $# -gt 0 ]; do
  if locate "$step" "$1" "$2"; then
    put_back || exit 1
  else
    ! has_copy || exit 1
  fi
  shift 3
done
