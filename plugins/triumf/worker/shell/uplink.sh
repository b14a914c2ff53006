# BRIDGE PORT: prints address and router of the bridge; where it is not there yet, of the interface
# that becomes its port.
for device; do
  [ -n "$device" ] || continue
  address=$(ip -o -4 addr show dev "$device" scope global 2>/dev/null | awk '{ print $4; exit }')
  [ -z "$address" ] || {
    router=$(ip -4 route show default dev "$device" | awk '{ print $3; exit }')
    echo "$address${router:+ $router}"
    exit 0
  }
done
