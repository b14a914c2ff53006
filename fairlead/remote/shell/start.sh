# Hands the body to the host: a unit of its own where systemd is PID 1 and we are root, else a
# session of its own. We hold `alive` (shared) until the worker holds it too, so that at no moment
# it looks dead; who makes `claimed` is the one worker.

# fl_detach
# Starts the body in a session of its own. The setsid of busybox has no -f.
fl_detach() {
  setsid -f sh "$WORK_DIR/body" </dev/null >"$WORK_DIR/log" 2>&1 3<&- ||
    (setsid sh "$WORK_DIR/body" </dev/null >"$WORK_DIR/log" 2>&1 3<&- &)
}

# fl_start_unit
# Starts the body as a unit of systemd, and waits until it says that it works.
fl_start_unit() {
  systemd-run --quiet --collect --unit="fairlead-$RUN" -p KillMode=process \
    sh "$WORK_DIR/body" >"$WORK_DIR/log" 2>&1 3<&- 8>&- || fl_detach
  looks=0
  while [ ! -e "$WORK_DIR/started" ] && [ -d "$WORK_DIR" ] && [ $looks -lt 500 ]; do
    sleep 0.02
    looks=$((looks + 1))
  done
  ! mkdir "$WORK_DIR/claimed" 2>/dev/null || fl_drop "systemd did not start it within 10 s"
}

if [ "$(id -u)" = 0 ] && [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1; then
  fl_start_unit
else
  fl_detach
fi
exec 8>&-
fl_report begin
fl_follow "$RUN"
