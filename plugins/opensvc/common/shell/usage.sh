# usage: prints of an engine, a line each: images, containers, bytes of images, bytes that
# containers have written.

# shellcheck disable=SC2016
sum='{ n += $1 } END { print n + 0 }'
docker image ls -q --no-trunc | sort -u | wc -l
docker container ls -aq | wc -l
docker image ls -q --no-trunc | sort -u |
  xargs -r docker image inspect --format '{{.Size}}' | awk "$sum"
docker container ls -aq |
  xargs -r docker container inspect --size --format '{{.SizeRw}}' | awk "$sum"
