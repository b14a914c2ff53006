# ENGINE KIND SIZE FOLDER...: these folders lie on a small file system of their own, empty: a loop
# device, or a tmpfs where the real ones are (KIND run, tmp).
set -e
engine=$1 kind=$2 size=$3
shift 3
case $kind in
  run | tmp)
    for folder; do
      mkdir -p "$folder"
      mode=$(stat -c %a "$folder")
      mount -t tmpfs -o "size=$size,mode=$mode" small "$folder"
    done
    exit
    ;;
esac
[ "$kind$engine" != imagesdocker ] || systemctl stop docker
truncate -s "$size" /var/small.img
mkfs.ext4 -q -F -m 0 /var/small.img
mkdir -p /var/small
mount -o loop /var/small.img /var/small
for folder; do
  mkdir -p "/var/small/$folder" "$folder"
  chmod --reference="$folder" "/var/small/$folder"
  mount --bind "/var/small/$folder" "$folder"
done
[ "$kind$engine" != imagesdocker ] || systemctl start docker
