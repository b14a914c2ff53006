# keeper NAME PORT
# Who keeps PORT over a reboot: lines "mac ADDRESS", "keeper ifupdown|networkd|NetworkManager",
# "set KEY VALUE" (of a NetworkManager: its settings of PORT) and "file PATH BASE64" (the files that
# say how). Nothing where there is no such interface.
name=$1 port=$2
print_files() {
  for file; do
    [ ! -f "$file" ] || printf 'file %s %s\n' "$file" "$(base64 <"$file" | tr -d '\n')"
  done
}
link=$(ip -o link show dev "$port" 2>/dev/null) || exit 0
printf 'mac %s\n' "$(printf %s "$link" | sed -n 's,.* link/ether \([^ ]*\) .*,\1,p')"
netif=/run/systemd/netif/links/${link%%:*}
profiles=/etc/NetworkManager/system-connections

# NetworkManager's state of the port and its profile, a line each; 10 is its word for "not mine"
managed=$(nmcli -g GENERAL.STATE,GENERAL.CONNECTION device show "$port" 2>/dev/null) || managed=
if [ -n "$managed" ] && [ "${managed#10 }" = "$managed" ]; then
  echo keeper NetworkManager
  profile=$(printf '%s\n' "$managed" | sed -n 2p)
  for key in ipv4.addresses ipv4.gateway ipv4.dns ipv4.dns-search ipv4.routes; do
    printf 'set %s %s\n' "$key" "$(nmcli -g "$key" connection show "$profile" 2>/dev/null)"
  done
  print_files "$profiles/fairlead-$name.nmconnection" "$profiles/fairlead-$name-port.nmconnection"
elif grep -qs '^NETWORK_FILE=.' "$netif"; then
  echo keeper networkd
  print_files "$(sed -n 's/^NETWORK_FILE=//p' "$netif")" /etc/systemd/network/00-fairlead-"$name"*
elif grep -Eqs "^[[:space:]]*iface[[:space:]]+($port|$name)[[:space:]]" /etc/network/interfaces /etc/network/interfaces.d/*; then
  echo keeper ifupdown
  print_files /etc/network/interfaces /etc/network/interfaces.d/*
fi
