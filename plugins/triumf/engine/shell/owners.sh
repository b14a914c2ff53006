# PROGRAM...: prints a line for each that is there: its name, the package that it belongs to, `-` for
# none.
for name; do
  file=$(command -v "$name") || continue
  file=$(readlink -f "$file")
  owner=$(rpm -qf --qf '%{NAME}\n' "$file" 2>/dev/null) ||
    owner=$(dpkg -S "$file" 2>/dev/null || dpkg -S "${file#/usr}" 2>/dev/null) ||
    owner=''
  owner=$(printf '%s\n' "$owner" | grep -v '^diversion ' | head -n 1)
  owner=${owner%%[,: ]*}
  printf '%s %s\n' "$name" "${owner:--}"
done
