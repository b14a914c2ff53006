# IMAGE: prints what a scriptlet made in it, its documents, and how its init begins.
docker run --rm --entrypoint /bin/sh "$1" -c \
  "cat /etc/site-tools; find /usr/share -type f; head -n 1 /root/init"
