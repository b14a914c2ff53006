# What the host has, and how its network is set. Prints a line for each:
#   memory MIB | swap MIB
#   value NAME NUMBER...      of the kernel's settings
#   interface NAME MTU SPEED RP_FILTER   one that has an address beyond the host, and is no engine's own;
#                                        SPEED: Mbit/s, or 0
awk '$1 == "MemTotal:" { print "memory", int($2 / 1024) } $1 == "SwapTotal:" { print "swap", int($2 / 1024) }' /proc/meminfo
cd /proc/sys/net || exit 0
for name in core/rmem_max core/wmem_max ipv4/tcp_rmem ipv4/tcp_wmem ipv4/tcp_congestion_control ipv4/tcp_mtu_probing; do
  [ ! -r "$name" ] || echo "value net.$(echo "$name" | tr / .) $(tr '\t' ' ' <"$name")"
done
all=$(cat ipv4/conf/all/rp_filter 2>/dev/null)
for name in $(ip -o addr show scope global 2>/dev/null | awk '{ print $2 }' | sort -u); do
  case $name in docker* | podman* | br-* | cni* | virbr* | veth*) continue ;; esac
  speed=$(cat "/sys/class/net/$name/speed" 2>/dev/null)
  own=$(cat "ipv4/conf/$name/rp_filter" 2>/dev/null)
  [ "${own:-0}" -ge "${all:-0}" ] || own=$all
  echo "interface $name $(cat "/sys/class/net/$name/mtu" 2>/dev/null) ${speed:-0} ${own:-0}"
done
