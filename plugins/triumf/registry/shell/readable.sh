# KEY USER: prints whether the service's user may read the key: yes, no, or none where there is no
# key. Where there is no such user yet, nobody can tell, which counts as yes.
key=$1 user=$2
[ -e "$key" ] || {
  echo none
  exit 0
}
if ! id -u "$user" >/dev/null 2>&1; then
  echo yes
elif setpriv --reuid "$user" --regid "$user" --init-groups test -r "$key" 2>/dev/null; then
  echo yes
else
  echo no
fi
