# has_image IMAGE: is it in the engine, by name, digest or the beginning of an ID?
#
# Exit codes: 0 yes; 1 no; 2 the engine does not answer.

# shellcheck source=images.sh
. ./images.sh
has_image "$1"
