# hardware PAGE-SIZE AGENT-FOLDER CONFIG: prints what preflight asks of a host, a line each.
#
# PAGE-SIZE: of huge pages, in KiB. AGENT-FOLDER: where an agent on bare metal has its socket.
# CONFIG: a file whose text comes last, behind a line `config`; "": none.

printf 'pages %s\n' "$(cat "/sys/kernel/mm/hugepages/hugepages-$1kB/nr_hugepages" 2>/dev/null)"
sed -n 's/.*\[\([a-z]*\)\].*/thp \1/p' /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null
printf 'maps %s\n' "$(cat /proc/sys/vm/max_map_count 2>/dev/null)"
awk '/^MemTotal:/ { print "memory", $2 } /^Hugepagesize:/ { print "size", $2 }' /proc/meminfo
[ ! -d /dev/hugepages ] || echo 'mount /dev/hugepages'
for group in /sys/kernel/iommu_groups/*; do
  [ ! -e "$group" ] || {
    echo 'iommu on'
    break
  }
done
for net in /sys/class/net/*; do
  printf 'interface %s %s\n' "${net##*/}" "$(cat "$net/device/numa_node" 2>/dev/null)"
done
for pci in /sys/bus/pci/devices/*; do
  [ ! -e "$pci" ] || printf 'pci %s %s\n' "${pci##*/}" "$(cat "$pci/class" 2>/dev/null)"
done
for node in /sys/devices/system/node/node[0-9]*; do
  [ ! -d "$node" ] || printf 'node %s\n' "${node##*/node}"
done
[ ! -c /dev/fuse ] || echo 'device /dev/fuse'
[ ! -S "$2/daos_agent.sock" ] || echo 'socket'
pid=$(pidof dockerd) && pid=${pid%% *} &&
  sed -n 's/^CapEff:[^0-9a-f]*/capabilities /p' "/proc/$pid/status" &&
  awk '/^Max locked memory/ { print "memlock", $5 } /^Max open files/ { print "nofile", $5 }' \
    "/proc/$pid/limits"
[ -z "$3" ] || ! [ -f "$3" ] || {
  echo 'config'
  cat "$3"
}
