# Nothing more can be written to the small file system.
dd if=/dev/zero of=/var/small/filled bs=64k 2>/dev/null
dd if=/dev/zero of=/var/small/filled2 bs=512 2>/dev/null
sync
