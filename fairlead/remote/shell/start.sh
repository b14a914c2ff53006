# Hands the body to the host: a unit of its own where systemd is PID 1 and we are root, else a
# session of its own. We hold `alive` (shared) until the worker holds it too, so that at no moment
# it looks dead; who makes `claimed` is the one worker.

# fl_keep_variables
# Notes how the login has the variables that change where a program goes, for the body: a unit of
# systemd has none of the login's, or others of its own. In a file, as an address may hold a
# password.
fl_keep_variables() {
  for variable in http_proxy https_proxy ftp_proxy all_proxy no_proxy \
    HTTP_PROXY HTTPS_PROXY FTP_PROXY ALL_PROXY NO_PROXY \
    DOCKER_HOST DOCKER_CONTEXT DOCKER_CONFIG CONTAINER_HOST; do
    eval "value=\${$variable-}"
    if [ -n "$value" ]; then
      printf "export %s='%s'\n" "$variable" "$(fl_quoted "$value")"
    else
      echo "unset $variable"
    fi
  done >"$WORK_DIR/variables" || fl_drop "$WORK_DIR/variables could not be written"
}

# fl_quoted TEXT
# Prints what stands for it between two ' of a shell.
fl_quoted() {
  printf '%s\n' "$1" | sed "s/'/'\\\\''/g"
}

# fl_detach
# Starts the body in a session of its own, which holds `alive` as we do. The setsid of busybox has no -f.
fl_detach() {
  setsid -f sh "$WORK_DIR/body" alive </dev/null >"$WORK_DIR/log" 2>&1 3<&- ||
    (setsid sh "$WORK_DIR/body" alive </dev/null >"$WORK_DIR/log" 2>&1 3<&- &)
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
  ! fl_create "$WORK_DIR/claimed" || fl_drop "systemd did not start it within 10 s"
}

fl_keep_variables
if [ "$OWN_UID" = 0 ] && [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1; then
  fl_start_unit
else
  fl_detach
fi
exec 8>&-
fl_report begin
fl_follow "$RUN"
