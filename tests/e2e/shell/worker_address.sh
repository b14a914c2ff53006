# NAME: prints the host name and the address that a worker sees inside.
docker exec "$1" sh -c "hostname; ip -4 -o addr show dev eth0 | sed 's,.* inet \\([^/]*\\).*,\\1,'"
