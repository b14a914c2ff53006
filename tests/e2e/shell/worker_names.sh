# ADDRESS DNSMASQ-WORD...: the name server answers at this address.
address=$1
shift
exec </dev/null >/dev/null 2>&1
dnsmasq --no-hosts --no-resolv --conf-file=/dev/null --listen-address="$address" \
  --bind-interfaces --pid-file=/run/names.pid "$@"
