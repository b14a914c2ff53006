# image_gone ENGINE IMAGE
# Has the engine no image of this name or ID any more? 0 it has none, 1 it has, 2 it does not answer.
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
if "$1" image inspect "$2" >/dev/null 2>&1; then exit 1; fi
has_lost "$1" "$2" || exit 2
