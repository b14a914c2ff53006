# ENGINE IMAGE FOLDER CONTAINER: makes the folder, with the owner that the image's /var/log/condor
# has: condor writes as a user of its own. CONTAINER: the name of one that is made to look. Podman's
# `cp` gives all to root, so the file is looked at where it lies.
set -eu
engine=$1 image=$2 folder=$3 container=$4
by_copy() {
  "$engine" cp "$container:/var/log/condor" - 2>/dev/null |
    tar -tvf - --numeric-owner 2>/dev/null |
    awk 'NR == 1 { sub("/", ":", $2); print $2 }'
}
by_mount() {
  stat -c %u:%g "$("$engine" mount "$container")/var/log/condor" 2>/dev/null || :
  "$engine" umount "$container" >/dev/null
}
"$engine" rm -f "$container" >/dev/null 2>&1 || :
"$engine" create --name "$container" "$image" true >/dev/null
case $engine in podman) owner=$(by_mount) ;; *) owner=$(by_copy) ;; esac
"$engine" rm -v "$container" >/dev/null
mkdir -p "$folder"
chmod 755 "$folder"
chown "${owner:-0:0}" "$folder"
