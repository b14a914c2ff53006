# unput STEP PATH
# The old file, or none, is there again.
set -u
umask 077
# shellcheck source=file_lib.sh
. ./file_lib.sh
locate "$1" "$2" '' || exit 1
put_back
