# IMAGE: somebody changes a file of an image in a container, commits it and pushes it over the tag.
docker pull -q "$1"
id=$(docker create "$1")
echo changed >/tmp/changed
docker cp /tmp/changed "$id":/etc/changed
docker commit "$id" "$1"
docker push -q "$1"
docker rm "$id"
docker rmi "$1"
