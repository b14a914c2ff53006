# copy_undone ENGINE CONTAINER WORK
# What copy_frozen left, at whatever point it ended: the container goes on, the copy is gone.
# shellcheck source=frozen_lib.sh
. ./frozen_lib.sh
thaw "$1" "$2" "$3" || exit 1
rm -rf "$3"
