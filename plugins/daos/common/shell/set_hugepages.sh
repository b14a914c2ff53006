# set_hugepages COUNT FILE: the host has this many huge pages, now and after the next boot.
#
# FILE: below /etc/sysctl.d; it remembers how many there were. Fewer than there are is no change.
# Exit codes: 0; 1 the kernel has no room for them.

set -eu
was=$(cat /proc/sys/vm/nr_hugepages)
mkdir -p "${2%/*}"
[ ! -e "$2" ] || cp "$2" "$2.before"
remark="# Written by fairlead for DAOS; before it there were $was."
printf '%s\n' "$remark" "vm.nr_hugepages = $1" >"$2.new"
mv "$2.new" "$2"
[ "$was" -ge "$1" ] || echo "$1" >/proc/sys/vm/nr_hugepages
now=$(cat /proc/sys/vm/nr_hugepages)
if [ "$now" -lt "$1" ]; then
  echo 1 >/proc/sys/vm/compact_memory
  echo "$1" >/proc/sys/vm/nr_hugepages
  now=$(cat /proc/sys/vm/nr_hugepages)
fi
[ "$now" -ge "$1" ] || {
  why='memory is in use, or in pieces'
  echo "the kernel found room for $now of $1 huge pages: $why" >&2
  exit 1
}
