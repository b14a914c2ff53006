# SIZE FOLDER...: each folder lies on one small file system of its own, a loop device.
set -e
size=$1
shift
truncate -s "$size" /var/small.img
mkfs.ext4 -q -F -m 0 /var/small.img
mkdir -p /var/small
mount -o loop /var/small.img /var/small
for folder; do
  mkdir -p "/var/small/$folder" "$folder"
  chmod --reference="$folder" "/var/small/$folder"
  mount --bind "/var/small/$folder" "$folder"
done
