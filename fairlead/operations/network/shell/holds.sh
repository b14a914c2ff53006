# holds ENGINE BRIDGE ADDRESS
# Does the bridge hold the address? 1: no, and why that counts: Docker would quietly make a second
# bridge of this name, or of a misspelt one; Podman would start nothing on it.
engine=$1 bridge=$2 address=$3
case $address in *:*) family=inet6 ;; *) family=inet ;; esac
ip -f $family -o addr show dev "$bridge" 2>/dev/null | grep -q " $family $address " && exit
why='Docker would make a bridge of its own'
[ "$engine" = docker ] || why='containers would have no way out'
echo "$bridge does not hold $address: $why" >&2
exit 1
