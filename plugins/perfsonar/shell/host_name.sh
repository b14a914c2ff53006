# NAME, or "" for the host's own: three lines: whether it resolves (yes, no), the host's first address, its
# full name.
name=$1
[ -n "$name" ] || name=$(uname -n)
if getent hosts "$name" >/dev/null 2>&1; then echo yes; else echo no; fi
address=$(ip -o -4 addr show scope global 2>/dev/null | awk '{ sub("/.*", "", $4); print $4; exit }')
printf '%s\n%s\n' "$address" "$(hostname -f 2>/dev/null || uname -n)"
