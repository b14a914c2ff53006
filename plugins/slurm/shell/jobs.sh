# NODE: waits until no job is on it; prints a line whenever that has changed. What is not known for
# ten minutes is a failure, and so is a drain that somebody gives back.
# shellcheck source=of_node.sh
. ./of_node.sh
# shellcheck source=running.sh
. ./running.sh
last='' silent=0
while :; do
  if running "$1" && of_node "$1"; then
    silent=0
    out || {
      echo "$1 takes jobs again: somebody has given it back" >&2
      exit 1
    }
    [ -n "$jobs" ] || exit 0
    line=$(printf '%s\n' "$jobs" | awk '
      { n++; if ($2 ~ /^[0-9]/) { known++; if ($2 > end) end = $2 } }
      END {
        printf "%d job%s", n, n == 1 ? "" : "s"
        if (known == n) printf ", at the latest until %s", end; else printf ", one without a limit"
      }')
    [ "$line" = "$last" ] || printf '%s\n' "$line"
    last=$line
  else
    silent=$((silent + 1))
    [ "$silent" -lt 120 ] || exit 2
  fi
  sleep 5
done
