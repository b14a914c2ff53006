# ENGINE FOLDER...: the small file systems are taken away again, with all that lies in them.
engine=$1
shift
[ "$engine $1" != 'docker /var/lib/docker' ] || systemctl stop docker
for folder; do umount -l "$folder"; done
if mountpoint -q /var/small; then umount -l /var/small; fi
rm -rf /var/small /var/small.img
[ "$engine $1" != 'docker /var/lib/docker' ] || systemctl start docker
