# opensvc_registry CONFIG HASH PASSWORD IMAGE: a registry that lets puller in, with an image.

mkdir -p /root/registry
printf %s "$1" >/root/registry/config.yml
printf 'puller:%s\n' "$2" >/root/registry/passwd
setsid -f docker-registry serve /root/registry/config.yml </dev/null >/dev/null 2>&1
DOCKER_CONFIG=$(mktemp -d)
export DOCKER_CONFIG
tries=50
until printf %s "$3" |
  docker login --username puller --password-stdin "${4%%/*}" >/dev/null 2>&1 ||
  [ $((tries -= 1)) -lt 0 ]; do
  sleep 0.1
done
docker pull -q busybox:1.36 >/dev/null
docker tag busybox:1.36 "$4"
docker push -q "$4"
docker rmi -f "$4" >/dev/null
rm -rf "$DOCKER_CONFIG"
