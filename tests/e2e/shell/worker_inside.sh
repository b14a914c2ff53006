# NAME: prints what a worker is inside: host name, a user of the image, its first process.
docker exec "$1" sh -c 'hostname; grep atlas001 /etc/passwd; tr "\0" " " </proc/1/cmdline'
