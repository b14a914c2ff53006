# mount_hugepages: hugetlbfs is mounted at /dev/hugepages.

set -eu
mkdir -p /dev/hugepages
mountpoint -q /dev/hugepages || mount -t hugetlbfs hugetlbfs /dev/hugepages
