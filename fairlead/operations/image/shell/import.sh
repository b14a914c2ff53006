# ENGINE WORK REFERENCE RECIPE BY REVISION SITE CHANGE...: imports the tarball, with instructions of a
# Dockerfile; prints the image's ID. The old image keeps its name until the new one is whole. A line of `docker import` has its limit, so packages
# are labels in parts. Labels are inherited by whatever is made of the image: that of its one layer
# tells what was built from what was changed later.
set -e
engine=$1 work=$2 reference=$3
shift
# label NAME VALUE: prints the line that notes it.
label() {
  value=$(printf %s "$2" | tr '\n' ' ' | sed 's/ *$//; s/[\\"$]/\\&/g')
  printf 'LABEL "fairlead.image.%s"="%s"' "$1" "$value"
}
recipe=$(label recipe "$3")
by=$(label by "$4")
revision=$(label revision "$5")
site=$(label site "$6")
sizes=$(label sizes "$(cat "$work/sizes")")
layer=$(label layer "sha256:$(gzip -dc "$work/image.tar.gz" | sha256sum | cut -d' ' -f1)")
shift 6
for change; do
  set -- "$@" --change "$change"
  shift
done
set -- "$@" --change "$recipe" --change "$by" \
  --change "$revision" --change "$site" --change "$sizes" --change "$layer"
rm -f "$work"/part.*
tr '\n' ' ' <"$work/packages" | fold -s -w 30000 | split -l 1 -a 3 - "$work/part."
number=0
for part in "$work"/part.*; do
  number=$((number + 1))
  set -- "$@" --change "$(label "packages.$number" "$(cat "$part")")"
done
id=$("$engine" import "$@" "$work/image.tar.gz")
"$engine" tag "$id" "$reference"
rm -rf --one-file-system "$work"
echo "$id"
