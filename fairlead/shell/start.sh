# Hand the body to the host: a unit of its own where systemd is PID 1 and we are root, else a session of its own.
if [ "$(id -u)" = 0 ] && [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1; then
  systemd-run --quiet --collect --unit="fairlead-${D##*/}" -p KillMode=process sh "$R/body" >"$R/log" 2>&1 || fl_refuse "systemd-run: $(cat "$R/log")"
  w=0
  while [ ! -e "$R/started" ] && [ -d "$R" ] && [ $w -lt 500 ]; do sleep 0.02; w=$((w + 1)); done
else
  exec 8>"$R/alive"
  flock -x 8
  setsid -f sh "$R/body" </dev/null >"$R/log" 2>&1 3<&-
  exec 8>&-
fi
