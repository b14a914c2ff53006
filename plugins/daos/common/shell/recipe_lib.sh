# To be included by a program whose words are ENGINE FILE RECIPE IMAGE.
#
# FILE has a line for each image that was made or fetched here, the newest last: the recipe (a
# digest of all that the site says of an image), the ID of the image that was made by it, its name.
# `line` prints the one that IMAGE should have.
# Exit codes: 0; 1 there is no such image; 2 the engine does not answer.

engine=$1 recipe=$3 image=$4
line() {
  id=$("$engine" image ls -q --no-trunc "$image") || return 2
  [ -n "$id" ] && printf '%s %s %s\n' "$recipe" "$id" "$image"
}
