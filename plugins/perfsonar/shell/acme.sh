# acme ENGINE CONTAINER ROOT IMAGE EMAIL SERVER CA WEBROOT NAME...
# Has certbot, in a container of its own, see to a certificate for these names, and puts it where Apache reads it, which reads it
# anew without dropping a connection. What is good for some time to come is left as it is. SERVER "": certbot's own. CA "": those
# of its image. WEBROOT yes: through the Apache that runs, where port 80 is taken. Not 0: it did not become so, and why.
set -eu
umask 077
engine=$1 container=$2 root=$3 image=$4 email=$5 server=$6 ca=$7 webroot=$8
shift 8
names=$*
own=$root/acme html=$root/current/var/www/html
mkdir -p "$own/etc" "$own/logs"
port_taken() { ss -Htln 'sport = :80' | grep -q .; }

# A place for who asks over HTTP, and the words for certbot
how=--standalone
set -- -v "$own/etc:/etc/letsencrypt:z" -v "$own/logs:/var/log/letsencrypt:z"
if [ "$webroot" = yes ] && port_taken; then
  how="--webroot -w /var/www/html"
  set -- "$@" -v "$html:/var/www/html:z"
fi
if [ -n "$ca" ]; then
  cp "$ca" "$own/etc/ca.pem"
  set -- "$@" -e REQUESTS_CA_BUNDLE=/etc/letsencrypt/ca.pem
fi
domains=
for name in $names; do domains="$domains -d $name"; done
# shellcheck disable=SC2086 # words
"$engine" run --rm --name "$container-certbot" --net=host "$@" "$image" certonly -n --agree-tos -m "$email" \
  --keep-until-expiring --renew-with-new-domains --cert-name "$container" $how $domains ${server:+--server "$server"}

# give FILE PLACE MODE: its content is there, whole; nothing where it is so already
give() {
  ! cmp -s "$1" "$2" || return 0
  : >"$own/unread"
  mkdir -p "${2%/*}"
  cp "$1" "$2.fairlead-new"
  chmod "$3" "$2.fairlead-new"
  mv -f "$2.fairlead-new" "$2"
}
live=$own/etc/live/$container
give "$live/privkey.pem" "$root/current/etc/ssl/private/pscheduler.key" 600
give "$live/fullchain.pem" "$root/current/etc/ssl/certs/pscheduler.pem" 644
if [ -e "$own/unread" ]; then
  "$engine" exec "$container" apache2ctl graceful
  rm -f "$own/unread"
fi
printf '%s\n' "$names $server" >"$own/names"
