# record ENGINE FILE RECIPE IMAGE: writes down by which recipe the image was made.
#
# The last 20 lines stay: containers may run an image that has lost its name.
# Exit codes: 0; 1 there is no such image; 2 the engine does not answer. (recipe_lib.sh)

# shellcheck source=recipe_lib.sh
. ./recipe_lib.sh
file=$2
line=$(line) || exit
mkdir -p "${file%/*}" || exit
{
  [ ! -f "$file" ] || grep -vxF "$line" "$file" | tail -n 19
  printf '%s\n' "$line"
} >"$file.new" && mv "$file.new" "$file"
