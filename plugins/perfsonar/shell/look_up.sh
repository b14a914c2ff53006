# NAME...: how names are looked up here. With no NAME: that of the host itself. Prints a line for each:
#   nameserver ADDRESS        one of resolv.conf
#   own MILLISECONDS          that the look-up of the host's own name took
#   here ADDRESS              of an interface
#   name NAME ADDRESS         an address that a name means
#   back ADDRESS NAME         a name that such an address means
export LC_ALL=C
[ $# -gt 0 ] || set -- "$(hostname -f 2>/dev/null || uname -n)"
sed -n 's/^nameserver[[:space:]]*/nameserver /p' /etc/resolv.conf 2>/dev/null
now() { date +%s%N | sed 's/[^0-9].*/000000000/'; }
addresses() { timeout 5 getent ahosts "$1" | awk '{ print $1 }' | sort -u; }
begun=$(now)
addresses "$(hostname -f 2>/dev/null || uname -n)" >/dev/null
ended=$(now)
echo "own $(((ended - begun) / 1000000))"
ip -o addr show scope global 2>/dev/null | awk '{ sub("/.*", "", $4); print "here", $4 }'
for name; do
  for address in $(addresses "$name"); do
    echo "name $name $address"
    timeout 5 getent hosts "$address" | awk -v address="$address" '{ for (i = 2; i <= NF; i++) print "back", address, $i }'
  done
done
