# systemctl, as far as two units go.
case "$1 $2" in
  "is-enabled named.service") echo enabled ;;
  "is-enabled quad.service") echo generated ;;
  is-enabled*) echo disabled; exit 1 ;;
  "is-active old.service") echo inactive; exit 3 ;;
  is-active*) echo active ;;
esac
