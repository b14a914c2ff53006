# FOLDER CONTAINER: undoes logs.sh; logs that are there stay.
folder=$1 container=$2
docker rm -f -v "$container" >/dev/null 2>&1
rmdir "$folder" 2>/dev/null
:
