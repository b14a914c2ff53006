# STEP: the worker that runs here, or is about to, is killed, and with it the step that it has begun
# where STEP says so.
left=50
until pkill -9 -f '[/]run/fairlead/runs/.*/body'; do
  left=$((left - 1))
  [ $left -gt 0 ] || exit 0
  sleep 0.1
done
[ -n "$1" ] || exit 0
groups=$(sed 's/ .*//' /run/fairlead/runs/*/group 2>/dev/null)
for group in $groups; do kill -9 "-$group"; done 2>/dev/null
