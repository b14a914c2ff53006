# The dead man's switch: a step that may cut the host off is undone unless a new connection of the
# controller arrives in time, and even when the worker itself dies meanwhile.

# fl_arm
# Starts the dead man, who waits for the end of our lock on WORK_DIR/worker.
fl_arm() {
  exec 6>"$WORK_DIR/worker"
  flock -x 6
  rm -f "$WORK_DIR/safe"
  fl_dead_man &
  DEAD_MAN=$!
}

# fl_wait_for_disarm
# Only a new connection of the controller makes WORK_DIR/disarm.STEP. Exit: 0 it came, 1 too late.
fl_wait_for_disarm() {
  fl_event armed "$STEP"
  fl_read_clock
  disarm_by=$((NOW + STEP_CONFIRM_WITHIN))
  until [ -e "$WORK_DIR/disarm.$STEP" ]; do
    fl_read_clock
    [ "$NOW" -lt "$disarm_by" ] || return 1
    sleep 0.1 6>&- 7>&- 8>&- 9>&-
  done
  fl_dismiss_dead_man
}

# fl_dismiss_dead_man
# He is no longer needed, if there is one.
fl_dismiss_dead_man() {
  [ -n "$DEAD_MAN" ] || return 0
  : >"$WORK_DIR/safe"
  exec 6>&-
  wait "$DEAD_MAN"
  DEAD_MAN=
}

# fl_dead_man
# Should the worker die while a step is armed, the host still comes back; the locks stay ours
# meanwhile.
fl_dead_man() {
  exec 6>&-
  trap : TERM INT HUP
  flock -s "$WORK_DIR/worker" true 7>&- 8>&- 9>&-
  [ ! -e "$WORK_DIR/safe" ] || exit 0
  # shellcheck disable=SC2034 # execute.sh reads it
  DEAD_MAN='' FREE_PIPES=''
  fl_resume_numbering
  if fl_running_group "$RUN" >/dev/null; then fl_sweep; fi
  if fl_undo "$RUN"; then fl_end undone; else fl_end stuck; fi
  fl_tidy
}
