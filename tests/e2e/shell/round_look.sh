# QUESTIONS PATIENCE TIMES ENGINE STATE ADDRESS NAME...: what stands on a host, a line for each
# thing: whether its service answers (so many times in a row; waited for, as many seconds as PATIENCE
# says), the release that runs, the marks in its state, the containers of these names and those
# beside them, runs that were left open or still work, leases, copies of the state. QUESTIONS: the
# program that knows the service and the marks.
questions=$1 patience=$2 times=$3 engine=$4 state=$5 address=$6
shift 6
runs=/var/lib/fairlead/runs
format='container {{.Name}} {{.Id}} {{.Image}} {{.State.Status}} {{.RestartCount}}'
ask() { sh -c "$questions" sh "$@" 2>/dev/null; }
uptime() { cut -d. -f1 /proc/uptime; }
# Several times in a row, so that one that crashes again and again is not well.
lasts() {
  left=$times
  while :; do
    service=$(ask service "$engine" "$state" "$name" "$address")
    case $service in *healthy*) ;; *) return 1 ;; esac
    left=$((left - 1))
    [ $left -gt 0 ] || return 0
    sleep 0.5
  done
}
name=$1 end=$(($(uptime) + patience))
until lasts || [ "$(uptime)" -ge "$end" ]; do sleep 0.3; done
printf '%s\n' "$service"
ask marks "$engine" "$state" "$name" "$address" | sed 's/^/mark /'
names=$(timeout 20 "$engine" ps -a --format '{{.Names}}') || echo engine none
for name; do
  for suffix in '' .kept .previous .before; do
    printf '%s\n' "$names" | grep -Fx "$name$suffix"
  done
done | xargs -r timeout 20 "$engine" container inspect --format "$format" 2>/dev/null
for folder in "$runs"/*/; do
  run=$(basename "$folder")
  [ -f "$folder/about" ] || continue
  word=$(cat "$folder/state" 2>/dev/null)
  alive=/run/fairlead/runs/$run/alive
  if [ -e "$alive" ] && ! flock -w 0.1 -x "$alive" true; then
    echo "working $run"
  else
    case ${word:-open} in open | interrupted | stuck) echo "open $run" ;; esac
  fi
done
for lease in /var/tmp/fairlead/*.lease.*; do
  [ ! -f "$lease" ] || [ "$(sed -n 5p "$lease")" -le "$(date +%s)" ] || echo "lease ${lease##*/}"
done
[ ! -e "$state/kept" ] || echo copy kept
