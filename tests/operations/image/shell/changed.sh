# ENGINE HOW IMAGE: somebody changes an image in a container, and gives the image's name to what came of it.
#   file        a file is another, and committed
#   variable    nothing but a variable of the configuration is committed
#   imported    the tree goes out, and comes in again with the labels by which an image is known
set -e
engine=$1 how=$2 image=$3
id=$("$engine" create "$image" true)
case $how in
  file)
    "$engine" cp "$0" "$id":/etc/changed
    "$engine" commit "$id" "$image"
    ;;
  variable) "$engine" commit --change "ENV A=b" "$id" "$image" ;;
  imported)
    layer=$("$engine" image inspect -f '{{index .Config.Labels "fairlead.image.layer"}}' "$image")
    "$engine" export "$id" | "$engine" import --change "LABEL fairlead.image.recipe=the-recipe" \
      --change "LABEL fairlead.image.layer=$layer" - "$image"
    ;;
esac
"$engine" rm "$id"
