# How a container hangs on a bridge. Included; the words are
# ENGINE BRIDGE LINK MAC ADDRESS GATEWAY CONTAINER.
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
engine=$1 bridge=$2 link=$3 mac=$4 address=$5 gateway=$6 name=$7

# inside WORD...: `ip` in the network of the container
inside() { nsenter --net="/proc/$pid/ns/net" ip "$@"; }

# about WORD: what follows this word in what comes by stdin
about() { sed -n "s,.* $1 \([^ ]*\) .*,\1,p"; }

is_paired() { inside link show dev eth0 >/dev/null 2>&1 && ip link show dev "$link" >/dev/null 2>&1; }
process_id() { "$engine" container inspect -f '{{.State.Pid}}' "$name"; }

# Prints a word, and what there is to say.
veth_state() {
  id=$(container_id "$engine" "name=^$name\$") || {
    echo "unknown the engine does not answer"
    return
  }
  if [ -z "$id" ]; then
    echo "no-container there is no container $name"
    return
  fi
  pid=$(process_id)
  if [ "$pid" = 0 ]; then
    echo "not-running $name does not run"
  elif ! is_paired; then
    echo "detached $name has no interface"
  elif [ "$(ip -o link show dev "$link" | about master)" != "$bridge" ]; then
    echo "not-on-bridge the interface of $name is not on $bridge"
  elif [ "$(inside -4 -o addr show dev eth0 scope global | about inet)" != "$address" ]; then
    echo "addr-differs $name has another address than $address"
  elif ! inside -4 route show default | grep -q "^default via $gateway dev eth0"; then
    echo "no-route $name has no route by $gateway"
  elif [ "$(inside -o link show dev eth0 | about link/ether)" != "$mac" ]; then
    echo "mac-differs the interface of $name is not $mac"
  else
    echo "ok $address"
  fi
}
