# PROGRAM REASON NAME: a worker whose container has just started drains as soon as its startd
# answers. PROGRAM: drain_inside.sh. Exit code 1: it does not.
program=$1 reason=$2 name=$3 tries=30
until docker exec "$name" sh -c "$program" drain "$reason" 0; do
  [ $((tries -= 1)) -gt 0 ] || exit 1
  sleep 2
done
