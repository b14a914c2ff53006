# MARK: it is gone, and what daemonise.sh has left behind.
[ ! -e "$1.daemons" ] || while read -r pid; do kill "$pid"; done <"$1.daemons"
rm -f "$1" "$1.daemons" "$1.after"
