# Something else holds port 443; prints its process.
mkdir -p /tmp/www && cp /bin/busybox /tmp/httpd &&
  setsid -f /tmp/httpd -f -p 443 -h /tmp/www </dev/null >/dev/null 2>&1
until [ -n "$(ss -Hltn 'sport = :443')" ]; do sleep 0.1; done
pgrep -x httpd
