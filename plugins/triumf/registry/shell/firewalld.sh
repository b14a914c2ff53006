# PORT: prints the active zones of firewalld in which a TCP port is not open, one a line; nothing where
# it is open in all of them, or where no firewalld runs.
port=$1
firewall-cmd -q --state 2>/dev/null || exit 0
open_in() { # ZONE
  firewall-cmd --zone="$1" --list-ports | tr ' ' '\n' | grep -q "^$port/tcp$" ||
    firewall-cmd -q --zone="$1" --query-port="$port/tcp" ||
    firewall-cmd --permanent --zone="$1" --get-target 2>/dev/null | grep -q ACCEPT
}
firewall-cmd --get-active-zones | sed -n 's/^\([^ ][^ ]*\).*/\1/p' | while read -r zone; do
  [ "$zone" = docker ] || open_in "$zone" || echo "$zone"
done
