# firewall_state FILE UNIT TABLE WANTED
# Prints nothing where WANTED is "" and nothing of ours is there; else a line for each of these that is so:
#   nft | table | enabled | stands (as FILE says, now and after a boot) | firewalld (it runs)
#   port NUMBER       where sshd listens
#   client ADDRESS    from where this connection comes
#   closes NAME       another chain that drops what comes in: FAMILY TABLE CHAIN
#   rules BASE64      what FILE has
# shellcheck source=firewall_lib.sh
. ./firewall_lib.sh
[ -n "$4" ] || [ -e "$file" ] || [ -e "$unit" ] || exit 0
[ ! -f "$file" ] || echo "rules $(base64 <"$file" | tr -d '\n')"
ports=$(sshd -T 2>/dev/null || /usr/sbin/sshd -T 2>/dev/null)
printf '%s\n' "$ports" | sed -n 's/^port //p' | sort -un | sed 's/^/port /'
# shellcheck disable=SC2086 # CLIENT PORT SERVER PORT
set -- ${SSH_CONNECTION:-}
[ $# -lt 4 ] || printf 'client %s\nport %s\n' "${1#::ffff:}" "$4"
! systemctl is-active --quiet firewalld 2>/dev/null || echo firewalld
! is_enabled || echo enabled
command -v nft >/dev/null 2>&1 || exit 0
echo nft
now=$(listed)
[ -z "$now" ] || echo table
if [ -n "$now" ] && [ -f "$file" ] && is_enabled && [ "$now" = "$(meant 2>/dev/null)" ]; then echo stands; fi
nft list ruleset 2>/dev/null | awk -v ours="$table" '
  $1 == "table" { family = $2; name = $3 }
  $1 == "chain" { chain = $2; is_input = 0 }
  / hook input / { is_input = name != ours && name != "firewalld" }
  is_input && / policy drop;| drop$| reject/ { print "closes", family, name, chain; is_input = 0 }'
