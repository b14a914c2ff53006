# HOST AUTHORITY NAME TAG REFERENCE RECIPE: is there an image of this recipe, as it was built, here
# or in the registry? Without a HOST only here is asked. Exit code 0: yes, 1: no, 14 and 15: the registry does
# not let us in, cannot be reached.
host=$1 authority=$2 name=$3 tag=$4 reference=$5 recipe=$6
# shellcheck source=registry.sh
. ./registry.sh
[ "$(images_of "$reference" "$recipe" | head -n 1)" = "" ] || exit 0
[ -n "$host" ] || exit 1
reach
has_recipe "$(configuration_of "$name" "$tag")" "$recipe" || exit 1
