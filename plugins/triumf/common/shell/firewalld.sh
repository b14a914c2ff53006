# HOW ADDRESS PORT...: prints a line `ZONE PORT` for each TCP port that firewalld closes, `- PORT` for
# one that it closes in all: in the zone of the interface that has the address (or the one of that
# name), else in every active zone that is not Docker's own. HOW: `listens` for what a process of the
# host listens on, `published` for ports of containers, which firewalld lets in by itself unless its
# file says StrictForwardPorts=yes (firewalld.conf(5)). $CONF: another such file. Exit code 3: no
# firewalld runs, 2: it does not answer.
how=$1 address=$2
shift 2
command -v firewall-cmd >/dev/null || exit 3
firewall-cmd --state >/dev/null 2>&1
case $? in 0) ;; 252) exit 3 ;; *) exit 2 ;; esac
is_strict() {
  grep -qiE '^[[:space:]]*StrictForwardPorts=(yes|true)' "${CONF:-/etc/firewalld/firewalld.conf}"
}
[ "$how" = listens ] || is_strict 2>/dev/null || exit 0

# zones: prints those by which others come to the address
zones() {
  own=$([ -z "$address" ] || getent ahosts "$address" | awk '{ print $1; exit }')
  device=$(ip -o addr show 2>/dev/null |
    awk -v own="$own" '{ split($4, a, "/") } own != "" && a[1] == own { print $2; exit }')
  if [ -n "$device" ]; then
    firewall-cmd --get-zone-of-interface="$device" 2>/dev/null || firewall-cmd --get-default-zone
  else
    active=$(firewall-cmd --get-active-zones) || return
    printf '%s\n' "$active" | sed -n 's/^\([^ ][^ ]*\).*/\1/p' | grep -vx docker
  fi
}

# lets_in ZONE PORT: by name, by a service, by a rich rule, or because it lets in everything
lets_in() {
  firewall-cmd -q --zone="$1" --query-port="$2/tcp" && return
  for service in $(firewall-cmd --zone="$1" --list-services); do
    firewall-cmd --info-service="$service" | grep -qE "^ *ports:.* $2/tcp( |\$)" && return
  done
  firewall-cmd --zone="$1" --list-rich-rules | grep -q "port=\"$2\".*accept" ||
    firewall-cmd --permanent --zone="$1" --get-target 2>/dev/null | grep -q ACCEPT
}

# Where it is strict it forwards a port for all zones, whichever names it (its issue 1536).
if [ "$how" = published ]; then
  rules=$(firewall-cmd --list-all-zones) || exit 2
  for port; do
    printf '%s\n' "$rules" | grep -q "port=$port:proto=tcp:" || echo "- $port"
  done
  exit 0
fi
all=$(zones) && [ -n "$all" ] || exit 2
for zone in $all; do
  for port; do
    lets_in "$zone" "$port" || echo "$zone $port"
  done
done
