# DEVICE: its addresses, with their lengths.
ip -4 -o addr show dev "$1" 2>/dev/null | sed -n "s/.* inet \([^ ]*\) .*/\1/p"
