# no_small_disk FOLDER...
# They lie where they lay before.
for folder; do umount -l "$folder"; done
umount -l /root/small
