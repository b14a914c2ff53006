# IMAGE FOLDER CONTAINER: makes the folder, with the owner that the image's /var/log/condor has:
# condor writes as a user of its own. CONTAINER: the name of one that is made to look.
set -eu
image=$1 folder=$2 container=$3
docker rm -f "$container" >/dev/null 2>&1 || :
docker create --name "$container" "$image" true >/dev/null
owner=$(docker cp "$container:/var/log/condor" - 2>/dev/null |
  tar -tvf - --numeric-owner 2>/dev/null |
  awk 'NR == 1 { sub("/", ":", $2); print $2 }')
docker rm -v "$container" >/dev/null
mkdir -p "$folder"
chmod 755 "$folder"
chown "${owner:-0:0}" "$folder"
