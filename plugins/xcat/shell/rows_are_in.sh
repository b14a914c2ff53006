# ENGINE CONTAINER, rows on stdin as `tabdump passwd` prints them: does xCAT have each? No row is a
# word of a command, for others of the host see those. Exit codes: 1 one is missing, 2 not asked.
engine=$1 container=$2
is=$("$engine" exec "$container" /opt/xcat/sbin/tabdump passwd) || exit 2
nl='
'
while IFS= read -r row; do
  case "$nl$is$nl" in
    *"$nl$row$nl"*) ;;
    *) exit 1 ;;
  esac
done
