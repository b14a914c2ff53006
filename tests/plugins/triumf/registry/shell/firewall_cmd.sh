# firewall-cmd with two active zones beside Docker's own: `public`, which has $ports open, and
# `trusted`, which lets everybody in.
case $* in
  *--state) ;;
  --get-active-zones)
    printf 'docker\n  interfaces: docker0\n'
    printf 'public (default)\n  interfaces: eth0\ntrusted\n  interfaces: eth1\n'
    ;;
  *--zone=public*--list-ports) echo "${ports-}" ;;
  *--zone=trusted*--get-target) echo ACCEPT ;;
  *--list-ports) echo ;;
  *) exit 1 ;;
esac
