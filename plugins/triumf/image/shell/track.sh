# HOST AUTHORITY: prints a line for each image that is no signature, columns parted by tabs: name,
# tag, digest, when it was made, how many packages, whether it is signed and whether it is what was
# built (yes, no), then what its labels say: by whom, revision, recipe, sizes; "-" for nothing.
# Without a HOST: nothing.
host=$1 authority=$2
# shellcheck source=registry.sh
. ./registry.sh
[ -n "$host" ] || exit 0
reach

# list KEY: prints the texts of the JSON list of this name on stdin, a line each.
list() {
  tr -d ' \n' | sed -n "s/.*\"$1\":\[\([^]]*\)\].*/\1/p" | tr -d '"' | tr , '\n' | grep .
}

# track NAME TAG TAGS: the line of one image.
track() {
  name=$1 tag=$2 tags=$3
  digest=$(digest_of "$name" "$tag")
  configuration=$(configuration_of "$name" "$tag")
  made=$(printf %s "$configuration" | grep -o '"created":"[0-9T:-]*' | head -n 1 | cut -d'"' -f4)
  packages=$(printf %s "$configuration" | label_packages | wc -w)
  signed=no
  ! printf '%s\n' "$tags" | grep -qxF "sha256-${digest#sha256:}.sig" || signed=yes
  built=no
  ! is_as_built "$configuration" || built=yes
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t' \
    "$name" "$tag" "${digest:--}" "${made:--}" "$packages" "$signed" "$built"
  for word in by revision recipe; do
    value=$(label "$configuration" "$word")
    printf '%s\t' "${value:--}"
  done
  value=$(label "$configuration" sizes)
  echo "${value:--}"
}

request '_catalog?n=1000' | list repositories | while read -r name; do
  tags=$(request "$name/tags/list" | list tags)
  printf '%s\n' "$tags" | grep -v '^sha256-.*[.]sig$' | while read -r tag; do
    track "$name" "$tag" "$tags"
  done
done
