# KEY PROGRAM REPOSITORY: prints the code with which the program judges the image's signature, and
# what it left behind.
printf %s "$1" | sh -c "$2" signature "$3" latest >/dev/null
echo $?
ls -A /dev/shm
docker images -q "$3:*.sig"
