# state ROOT PATH...
# Prints those of the volumes that lie on the host, then which of current, kept, previous are there.
root=$1
shift
for path; do [ ! -d "$root/current$path" ] || printf '%s\n' "$path"; done
for name in current kept previous; do [ ! -d "$root/$name" ] || printf '%s\n' "$name"; done
