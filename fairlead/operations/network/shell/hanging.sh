# hanging PORT
# What speaks of interfaces by their names and cannot be moved by us: lines "iptables TABLE LINE" (as
# iptables-save prints chains and rules; ip6tables likewise), "nft LINE" (of the ruleset), "zone NAME"
# (firewalld's of PORT) and "socket LINE" (as ss prints one that is bound to PORT).
port=$1
for program in iptables ip6tables iptables-legacy ip6tables-legacy; do
  command -v "$program-save" >/dev/null 2>&1 || continue
  "$program-save" 2>/dev/null | awk -v family="${program%-legacy}" '
    /^\*/ { table = substr($0, 2) } /^(:|-A)/ { print family, table, $0 }'
done | sort -u
nft list ruleset 2>/dev/null | sed 's/^/nft /'
zone=$(firewall-cmd --get-zone-of-interface="$port" 2>/dev/null) && [ -n "$zone" ] && echo "zone $zone"
ss -Htunlp 2>/dev/null | grep -F "%$port:" | sed 's/^/socket /'
:
