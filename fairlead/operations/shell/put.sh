# put PATH MODE OWNER, the content by stdin
# The file is as given. What stood there is kept among fairlead's backups until the next change.
set -eu
umask 077
# shellcheck source=file_lib.sh
. ./file_lib.sh
locate "$1"
make_folders
cat >"$new"
dress "$2" "$3"
swap
