# address_state NAME DEVICE: who has the address of a name? It prints the answer, then the address.
#
# here: this host; taken: somebody answers; free; unknown: nobody could be asked over the device;
# nameless: the name does not resolve. The function `taken DEVICE ADDRESS` is put before this text.

address=$(getent ahostsv4 "$1" | awk '{ print $1; exit }')
[ -n "$address" ] || {
  echo nameless
  exit 0
}
if ip -o -4 addr show | grep -qF " $address/"; then echo here; else taken "$2" "$address"; fi
echo "$address"
