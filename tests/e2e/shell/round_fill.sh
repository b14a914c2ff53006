# FOLDER...: nothing more can be written to their file systems.
for folder; do
  room=$(df -Pk "$folder" | awk 'END { print $4 }')
  [ "$room" -lt 100000 ] || fallocate -l $((room / 1024 - 32))M "$folder/.filled3"
  dd if=/dev/zero of="$folder/.filled" bs=64k
  dd if=/dev/zero of="$folder/.filled2" bs=512
done 2>/dev/null
sync
