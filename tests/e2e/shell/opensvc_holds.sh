# opensvc_holds ADDRESS: how many of web's disks are mounted here, and whether its address is.

grep -c " /opt/svc/a[ /].*ext4" /proc/mounts
ip -o addr show to "$1" | grep -c .
