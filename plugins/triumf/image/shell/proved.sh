# HOST AUTHORITY NAME TAG REFERENCE RECIPE: prints the digest under which the registry has what is
# here. Exit code 14 and 15: the registry does not let us in, cannot be reached, 18: it has another.
host=$1 authority=$2 name=$3 tag=$4 reference=$5 recipe=$6
# shellcheck source=registry.sh
. ./registry.sh
reach
digest=$(digest_of "$name" "$tag")
[ -n "$(images_of "$reference" "$recipe")" ] || {
  echo "$digest"
  exit
}
has_digest "$reference" "$digest" && echo "$digest" && exit
echo "the registry has ${digest:-nothing} as $name:$tag, which is not what was pushed" >&2
exit 18
