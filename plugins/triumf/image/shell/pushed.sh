# HOST AUTHORITY NAME TAG REFERENCE RECIPE: is what the registry has the very image of this recipe
# that is here, or where none is here, one of it? What is in the way is told by push.sh. Exit code
# 0: yes, 1: no, 2: the engine does not answer.
host=$1 authority=$2 name=$3 tag=$4 reference=$5 recipe=$6
# shellcheck source=registry.sh
. ./registry.sh
(reach) 2>/dev/null || exit 1
digest=$(digest_of "$name" "$tag")
[ -n "$digest" ] || exit 1
ids=$(images_of "$reference" "$recipe") || exit 2
if [ -n "$ids" ]; then
  has_digest "$reference" "$digest" || exit 1
else
  has_recipe "$(configuration_of "$name" "$tag")" "$recipe" || exit 1
fi
