# NAME, or "" for the host's own: prints whether it resolves (yes, no), then the host's first address.
name=$1
[ -n "$name" ] || name=$(uname -n)
if getent hosts "$name" >/dev/null 2>&1; then echo yes; else echo no; fi
ip -o -4 addr show scope global 2>/dev/null | awk '{ sub("/.*", "", $4); print $4; exit }'
