# holds BRIDGE ADDRESS
# Does the bridge hold the address? 1: no, and why that counts: Docker would quietly make a second
# bridge of this name, or of a misspelt one.
bridge=$1 address=$2
case $address in *:*) family=inet6 ;; *) family=inet ;; esac
ip -f $family -o addr show dev "$bridge" 2>/dev/null | grep -q " $family $address " && exit
echo "$bridge does not hold $address: Docker would make a bridge of its own" >&2
exit 1
