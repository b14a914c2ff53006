# small_disk DEVICE FOLDER...
# These folders lie on one small disk from now on, with what was in them.
set -eu
device=$1
shift
mkdir -p /root/small
mount "$device" /root/small
for folder; do
  mkdir -p "$folder" "/root/small$folder"
  cp -a "$folder/." "/root/small$folder/"
  mount --bind "/root/small$folder" "$folder"
done
echo small
