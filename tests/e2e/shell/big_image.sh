# IMAGE: an image like it with 64 MiB more is what the registry has under its name from now on; this
# host keeps the one that it had.
set -e
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
head -c 67108864 /dev/urandom >"$work/big"
old=$(docker image inspect -f '{{.Id}}' "$1")
docker create --name big "$1" >/dev/null
docker cp "$work/big" big:/big
docker commit big "$1" >/dev/null
docker rm big >/dev/null
new=$(docker image inspect -f '{{.Id}}' "$1")
docker push -q "$1" >/dev/null
docker tag "$old" "$1"
docker rmi "$new" >/dev/null
