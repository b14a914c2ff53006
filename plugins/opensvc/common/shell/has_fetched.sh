# has_fetched IMAGE SOURCE: is what was pulled or loaded what was asked for?
#
# SOURCE: the reference that was pulled, or the file that was loaded.
# Exit codes: 0 yes; 1 no; 2 the engine does not answer.

# shellcheck source=images.sh
. ./images.sh
has_image "$1" || {
  echo "$2 was fetched, and holds no $1" >&2
  exit 1
}
