# unput_files PATH MODE OWNER ...
# The old files, or none, are there again.
set -u
umask 077
# shellcheck source=file_lib.sh
. ./file_lib.sh
while [ $# -gt 0 ]; do
  locate "$1"
  put_back || exit 1
  shift 3
done
