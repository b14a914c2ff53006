# What iproute2 says of a bridge and its port. Included; it does nothing by itself.
# iproute2 is asked, never /sys/class/net, which may show another namespace.
# FAMILY is 4 or 6.
# shellcheck source=port_lib.sh
. ./port_lib.sh

is_link() { ip link show dev "$1" >/dev/null 2>&1; }
is_up() { [ -n "$(ip -o link show dev "$1" up)" ]; }
is_bridge() { ip -d -o link show dev "$1" | grep -q ' bridge forward_delay '; }

# about WORD DEVICE: what follows this word in the details of a device; nothing where it has none
about() { ip -d -o link show dev "$2" 2>/dev/null | sed -n "s,.* $1 \([^ ]*\) .*,\1,p"; }

# addresses FAMILY DEVICE: one a line, in the words in which `ip addr add` takes them; whether
# another has an address was asked when it was new, hence nodad
addresses() {
  ip "-$1" -o addr show dev "$2" scope global permanent 2>/dev/null | awk -v device="$2" '{
    words = flags = ""
    for (i = 4; i <= NF && $i != "scope"; i++) words = words " " $i
    for (i += 2; i <= NF && $i !~ /\\/; i++) if ($i == "noprefixroute") flags = " " $i
    name = $i; sub(/\\.*/, "", name)
    if ($3 == "inet6") flags = flags " nodad"
    else if (name != "" && name != device) flags = flags " label " name
    print substr(words, 2) flags
  }'
}
has_address() { addresses "$1" "$2" | grep -q "^$3\( \|$\)"; } # FAMILY DEVICE ADDRESS

# routes FAMILY DEVICE: one a line, likewise, those that others need first. Not those that the kernel
# makes by itself: to the net of an address, unless somebody said noprefixroute and made it in its name
routes() {
  set_routes "$1" "$2" | sed '/ via /d'
  set_routes "$1" "$2" | sed -n '/ via /p'
}
set_routes() {
  ip "-$1" route show table all dev "$2" 2>/dev/null |
    grep -vE 'proto ra( |$)|^(local|broadcast|anycast|multicast) ' |
    OTHERS=$(addresses "$1" "$2" | sed -n 's,/.* noprefixroute.*, ,p' | tr -d '\n') awk -v family="$1" '
      !/ proto kernel/ { print; next }
      family == 6 { if (!/ metric 256( |$)/) print; next }
      { for (i = 1; i < NF; i++) if ($i == "src" && index(" " ENVIRON["OTHERS"], " " $(i + 1) " ")) print }' |
    sed 's/ linkdown//; s/ dead//; s/ *$//'
}
has_gateway() { routes 4 "$1" | grep -q "^default via $2\( \|$\)"; } # DEVICE GATEWAY

in_a_row() { tr '\n' ' ' | sed 's/ \(brd\|label\) [^ ]*//g; s/ \(noprefixroute\|nodad\)//g; s/ $//'; }

# bridge_state NAME PORT ADDRESS GATEWAY
# Prints how the bridge stands: a word, and what there is to say.
bridge_state() {
  if ! is_link "$2"; then
    echo "no-interface there is no interface $2"
    return
  fi
  master=$(about master "$2")
  both=$({ addresses 4 "$1"; addresses 4 "$2"; } | in_a_row)
  if [ -n "$master" ] && [ "$master" != "$1" ]; then
    echo "elsewhere $2 is a port of $master"
  elif is_link "$1" && ! is_bridge "$1"; then
    echo "not-a-bridge $1 is there, and is no bridge"
  elif [ -n "$(ip -4 -o addr show dev "$2" scope global dynamic)" ]; then
    echo "dynamic $2 has its address by DHCP"
  elif [ -z "$3$both" ]; then
    echo "nothing neither $1 nor $2 has an address"
  elif [ -n "$3" ] && [ -n "$both" ] && ! has_address 4 "$1" "$3" && ! has_address 4 "$2" "$3"; then
    echo "wrong-address there is $both, not $3"
  elif ! is_link "$1"; then
    echo "absent there is no $1"
  elif [ -z "$master" ]; then
    echo "no-port $2 is no port of $1"
  elif [ -n "$(addresses 4 "$2")" ]; then
    echo "on-port $2 still has $(addresses 4 "$2" | in_a_row)"
  elif [ -z "$both" ]; then
    echo "no-address $1 has no address"
  elif [ -n "$(routes 4 "$2")" ]; then
    echo "routes-on-port there are routes by $2, which is a port"
  elif [ -n "$(rules 4 "$2"; rules 6 "$2")" ]; then
    echo "rules-on-port there are rules of routing for $2, which is a port"
  elif [ -n "$4" ] && ! has_gateway "$1" "$4"; then
    echo "no-route there is no route by $4"
  elif ! is_up "$1"; then
    echo "down $1 is down"
  elif [ "$(about stp_state "$1")" = 0 ] && [ "$(about forward_delay "$1")" != 0 ]; then
    echo "slow $1 has a forwarding delay"
  else
    echo "ok $both"
  fi
}

# listing NAME PORT: all that a change of the bridge may touch, to be compared
listing() {
  about master "$2"
  for device in "$2" "$1"; do
    for family in 4 6; do
      {
        addresses $family "$device"; routes $family "$device"
        neighbours $family "$device"; rules $family "$device"
      } | sed "s/^/$device /" | sort
    done
    labels "$device" | sed "s/^/$device /"
  done
}
