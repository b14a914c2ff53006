# keeper NAME PORT
# Who keeps PORT over a reboot: lines "mac ADDRESS", "mtu BYTES" (where it is not 1500), "keeper
# ifupdown|networkd|NetworkManager", "set KEY VALUE" (of a NetworkManager: its settings of PORT), "sysctl
# LINE" (of files in which settings of PORT stand) and "file PATH BASE64" (the files that say how).
# Nothing where there is no such interface.
name=$1 port=$2
print_files() {
  for file; do
    [ ! -f "$file" ] || printf 'file %s %s\n' "$file" "$(base64 <"$file" | tr -d '\n')"
  done
}
# keys FAMILY: NetworkManager's settings of a family
keys() {
  for key in method addresses gateway dns dns-search dns-options dns-priority routes route-metric \
    route-table routing-rules never-default ignore-auto-routes ignore-auto-dns may-fail; do
    echo "ipv$1.$key"
  done
}
link=$(ip -o link show dev "$port" 2>/dev/null) || exit 0
printf 'mac %s\n' "$(printf %s "$link" | sed -n 's,.* link/ether \([^ ]*\) .*,\1,p')"
mtu=$(printf %s "$link" | sed -n 's,.* mtu \([0-9]*\) .*,\1,p')
[ "$mtu" = 1500 ] || printf 'mtu %s\n' "$mtu"
print_files "/etc/sysctl.d/90-fairlead-$name.conf"
cat /etc/sysctl.conf /etc/sysctl.d/*.conf /usr/lib/sysctl.d/*.conf 2>/dev/null |
  grep -E "^[[:space:]]*-?net[./]ipv[46][./](conf|neigh)[./]${port}[./]" | sed 's/^[[:space:]]*/sysctl /'
netif=/run/systemd/netif/links/${link%%:*}
profiles=/etc/NetworkManager/system-connections

# NetworkManager's state of the port and its profile, a line each; 10 is its word for "not mine"
managed=$(nmcli -g GENERAL.STATE,GENERAL.CONNECTION device show "$port" 2>/dev/null) || managed=
if [ -n "$managed" ] && [ "${managed#10 }" = "$managed" ]; then
  echo keeper NetworkManager
  profile=$(printf '%s\n' "$managed" | sed -n 2p)
  for key in connection.zone 802-3-ethernet.mtu $(keys 4) $(keys 6) ipv6.addr-gen-mode ipv6.ip6-privacy ipv6.token; do
    printf 'set %s %s\n' "$key" "$(nmcli -e no -g "$key" connection show "$profile" 2>/dev/null)"
  done
  print_files "$profiles/fairlead-$name.nmconnection" "$profiles/fairlead-$name-port.nmconnection"
elif grep -qs '^NETWORK_FILE=.' "$netif"; then
  echo keeper networkd
  # shellcheck disable=SC2046 # a word for each file
  print_files "$(sed -n 's/^NETWORK_FILE=//p' "$netif")" \
    $(sed -n 's/^NETWORK_FILE_DROPINS=//p' "$netif" | tr -d '"') /etc/systemd/network/00-fairlead-"$name"*
elif grep -Eqs "^[[:space:]]*iface[[:space:]]+($port|$name)[[:space:]]" /etc/network/interfaces /etc/network/interfaces.d/*; then
  echo keeper ifupdown
  print_files /etc/network/interfaces /etc/network/interfaces.d/*
fi
