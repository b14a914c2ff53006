# NODE: waits until no job is on it; prints a line whenever that has changed. What is not known for
# ten minutes is a failure.
# shellcheck source=running.sh
. ./running.sh
last='' silent=0
while :; do
  if running "$1"; then
    silent=0
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
