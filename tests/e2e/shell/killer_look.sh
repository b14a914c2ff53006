# STATE NAME...: what stands on a host, a line for each thing: the containers of these names and
# those beside them, runs that were left open or still work, leases, copies of the state.
state=$1
shift
runs=/var/lib/fairlead/runs
format='container {{.Name}} {{.Id}} {{.Image}} {{.State.Status}} {{.RestartCount}}'
for name; do
  for suffix in '' .kept .previous .before; do
    timeout 20 docker container inspect --format "$format" "$name$suffix" 2>/dev/null
  done
done
timeout 20 docker info >/dev/null 2>&1 || echo engine none
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
