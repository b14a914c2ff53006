# FILE KEY...: does each stand in FILE, a line of authorized_keys? Exit code 1: one does not.
[ -f "$1" ] || exit 1
file=$1
shift
for key; do
  grep -qxF -e "$key" "$file" || exit 1
done
