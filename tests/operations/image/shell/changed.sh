# HOW IMAGE: somebody changes an image in a container, and gives the image's name to what came of it.
#   file        a file is another, and committed
#   variable    nothing but a variable of the configuration is committed
#   imported    the tree goes out, and comes in again with the labels by which an image is known
set -e
how=$1 image=$2
id=$(docker create "$image" true)
case $how in
  file)
    docker cp "$0" "$id":/etc/changed
    docker commit "$id" "$image"
    ;;
  variable) docker commit --change "ENV A=b" "$id" "$image" ;;
  imported)
    layer=$(docker image inspect -f '{{index .Config.Labels "fairlead.image.layer"}}' "$image")
    docker export "$id" | docker import --change "LABEL fairlead.image.recipe=the-recipe" \
      --change "LABEL fairlead.image.layer=$layer" - "$image"
    ;;
esac
docker rm "$id"
