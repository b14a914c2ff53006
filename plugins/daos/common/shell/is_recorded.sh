# is_recorded ENGINE FILE RECIPE IMAGE: was the image of this name made by this recipe?
#
# Exit codes: 0 yes; 1 no; 2 the engine does not answer. (recipe_lib.sh, record.sh)

# shellcheck source=recipe_lib.sh
. ./recipe_lib.sh
file=$2
line=$(line) || exit
[ "$(awk -v "name=$image" '$3 == name { last = $0 } END { print last }' "$file" 2>/dev/null)" = "$line" ]
