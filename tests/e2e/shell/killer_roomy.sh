# FOLDER...: the small file system is taken away again, with all that lies in it.
if mountpoint -q /var/small; then
  for folder; do umount -l "$folder"; done
  umount -l /var/small
fi
rm -rf /var/small /var/small.img
