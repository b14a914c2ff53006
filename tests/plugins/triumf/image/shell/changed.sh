# Somebody makes another image of one, under its name. $1: what is other, $2: a file, $3: the image.
set -e
id=$(docker create "$3" true)
case $1 in
  "a file")
    docker cp "$2" "$id":/etc/changed
    docker commit "$id" "$3"
    ;;
  "a variable") docker commit --change "ENV A=b" "$id" "$3" ;;
  "another tree with its labels")
    layer=$(docker image inspect -f '{{index .Config.Labels "fairlead.image.layer"}}' "$3")
    docker export "$id" |
      docker import --change "LABEL fairlead.image.recipe=the-recipe" \
        --change "LABEL fairlead.image.layer=$layer" - "$3"
    ;;
esac
docker rm "$id"
