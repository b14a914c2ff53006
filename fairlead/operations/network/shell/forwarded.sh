# forwarded BRIDGE
# Do frames pass from port to port of the bridge? They go through the firewall where the kernel is
# told so, and Docker's own policy drops them. 0 they pass, 1 a rule is needed.
bridge=$1
[ "$(cat /proc/sys/net/bridge/bridge-nf-call-iptables 2>/dev/null || echo 0)" != 0 ] || exit 0
iptables -w 5 -n -L DOCKER-USER >/dev/null 2>&1 || exit 0
iptables -w 5 -C DOCKER-USER -i "$bridge" -o "$bridge" -j ACCEPT 2>/dev/null || exit 1
