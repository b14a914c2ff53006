# ENGINE STATE NAME...: what stands on a host, a line for each thing: the containers of these names
# and those beside them, runs that were left open or still work, leases, copies of the state.
engine=$1 state=$2
shift 2
runs=/var/lib/fairlead/runs
format='container {{.Name}} {{.Id}} {{.Image}} {{.State.Status}} {{.RestartCount}}'
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
