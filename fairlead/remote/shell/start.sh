# Hand the body to the host: a unit of its own where systemd is PID 1 and we are root, else a session of its own.
# We hold `alive` (shared) until the worker holds it too, so that at no moment it looks dead; who makes `claimed` is the one worker.
fl_detach() { # the setsid of busybox has no -f
  setsid -f sh "$R/body" </dev/null >"$R/log" 2>&1 3<&- || (setsid sh "$R/body" </dev/null >"$R/log" 2>&1 3<&- &)
}
if [ "$(id -u)" = 0 ] && [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1; then
  systemd-run --quiet --collect --unit="fairlead-$RUN" -p KillMode=process sh "$R/body" >"$R/log" 2>&1 3<&- 8>&- || fl_detach
  w=0
  while [ ! -e "$R/started" ] && [ -d "$R" ] && [ $w -lt 500 ]; do sleep 0.02; w=$((w + 1)); done
  ! mkdir "$R/claimed" 2>/dev/null || fl_drop "systemd did not start it within 10 s"
else
  fl_detach
fi
exec 8>&-
