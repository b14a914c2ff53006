# FOLDER...: nothing more can be written to their file systems.
for folder; do
  dd if=/dev/zero of="$folder/.filled" bs=64k
  dd if=/dev/zero of="$folder/.filled2" bs=512
done 2>/dev/null
sync
