# BRIDGE PORT: prints IPv6 address and router of the bridge, and `ra` where that router is known by its
# advertisements; where the bridge is not there yet, of the interface that becomes its port.
for device; do
  [ -n "$device" ] || continue
  address=$(ip -o -6 addr show dev "$device" scope global 2>/dev/null |
    awk '!/ temporary| deprecated| tentative/ { print $4; exit }')
  [ -z "$address" ] || {
    route=$(ip -6 route show default dev "$device" | head -n 1)
    router=$(printf '%s\n' "$route" | awk '{ for (i = 1; i < NF; i++) if ($i == "via") print $(i + 1) }')
    case $route in *'proto ra'*) ra=" ra" ;; *) ra= ;; esac
    echo "$address${router:+ $router$ra}"
    exit 0
  }
done
