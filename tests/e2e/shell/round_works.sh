# Prints the runs whose worker lives, and the ones whose worker's last step does.
for alive in /run/fairlead/runs/*/alive; do
  [ ! -e "$alive" ] || flock -w 0.1 -x "$alive" true || echo "$alive"
done
for group in /run/fairlead/runs/*/group; do
  [ -s "$group" ] && read -r number _ <"$group" && kill -0 "-$number" 2>/dev/null && echo "$group"
done
