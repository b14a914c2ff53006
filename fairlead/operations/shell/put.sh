# put STEP PATH MODE OWNER, the content by stdin
# The file is as given. What stood there is kept among fairlead's backups until the step's next
# change.
set -eu
umask 077
# shellcheck source=file_lib.sh
. ./file_lib.sh
locate "$1" "$2" "$3"
lay "$3" "$4"
swap
