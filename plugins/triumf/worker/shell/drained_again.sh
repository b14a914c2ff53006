# ENGINE PROGRAM REASON NAME: a worker whose container has just started drains as soon as its startd
# answers. PROGRAM: drain_inside.sh. Exit code 1: it does not.
engine=$1 program=$2 reason=$3 name=$4 tries=30
until "$engine" exec "$name" sh -c "$program" drain "$reason" 0; do
  [ $((tries -= 1)) -gt 0 ] || exit 1
  sleep 2
done
