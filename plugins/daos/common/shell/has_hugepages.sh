# has_hugepages COUNT FILE: has the host this many huge pages, now and (by FILE) after a boot?
#
# Exit codes: 0 yes; 1 no.

[ "$(cat /proc/sys/vm/nr_hugepages)" -ge "$1" ] &&
  grep -qx "vm.nr_hugepages = $1" "$2" 2>/dev/null || exit 1
