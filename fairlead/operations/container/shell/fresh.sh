# fresh ENGINE IMAGE
# Has the registry nothing newer under this name? 0 nothing newer, 1 something newer or no image
# here, 2 the engine does not answer.
# shellcheck source=registry.sh
. ./registry.sh
is_fresh "$1" "$2"
