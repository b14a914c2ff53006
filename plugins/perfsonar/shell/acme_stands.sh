# acme_stands CONTAINER ROOT SERVER NAME...
# Is there a certificate for these names, of this server, and is it what Apache reads? 1: no.
container=$1 root=$2 server=$3
shift 3
[ "$(cat "$root/acme/names" 2>/dev/null)" = "$* $server" ] || exit 1
[ ! -e "$root/acme/unread" ] || exit 1
cmp -s "$root/acme/etc/live/$container/fullchain.pem" "$root/current/etc/ssl/certs/pscheduler.pem" &&
  cmp -s "$root/acme/etc/live/$container/privkey.pem" "$root/current/etc/ssl/private/pscheduler.key"
