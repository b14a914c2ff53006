# An ip that is none: $BRIDGE and $PORT are the addresses of br0 and eth0, $ROUTER is behind both.
if [ "$2" = route ]; then
  [ -z "$ROUTER" ] || echo "default via $ROUTER"
  exit
fi
case $6 in br0) address=$BRIDGE ;; *) address=$PORT ;; esac
[ -z "$address" ] || echo "2: $6 inet $address"
