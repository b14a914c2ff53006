# count_docker LOG
# From now on each start of the docker program on this host adds its first word to LOG: a program
# before it on PATH, in a folder that is this host's alone.
mountpoint -q /usr/local/sbin || mount -t tmpfs tmpfs /usr/local/sbin
docker=$(PATH=/usr/local/bin:/usr/bin:/bin command -v docker)
# shellcheck disable=SC2016 # the words of that program
printf '#!/bin/sh\necho "$1" >>%s\nexec %s "$@"\n' "$1" "$docker" >/usr/local/sbin/docker
chmod 0755 /usr/local/sbin/docker
: >"$1"
