# Asks the worker of the transaction RUN, in the name of WHO, to end it in an orderly way, and ends the
# step that it works on, if that may be ended half way. What comes of it is told by who follows it.
WORK_DIR=$BOOT_DIR/runs/$RUN
trap : HUP INT TERM PIPE

# fl_report_cancel ended|undoing|asked
# To the reader: too late; what was begun is on its way back already; or else the worker knows of it.
# Then what it is at (fl_note_now): mode, step, how long that may take, and for how long it has lasted.
fl_report_cancel() {
  fl_read_date
  began=$(stat -c %Y "$WORK_DIR/now" 2>/dev/null) || began=$EPOCH
  fl_report cancel "$1" "${NOW_MODE:--}" "${NOW_STEP:-0}" "${NOW_LIMIT:-0}" $((EPOCH - began))
}

# fl_write_cancel
# Who came first has cancelled it. Exit: 0 written; else the worker has gone.
fl_write_cancel() {
  fl_is_cancelled && return
  printf '%s\n' "$WHO" 2>/dev/null >"$WORK_DIR/.cancel" && mv "$WORK_DIR/.cancel" "$WORK_DIR/cancel"
}

# fl_cancel
# A group is in `endable` only while a step works that may be ended: whatever begins after we have
# written sees that itself.
fl_cancel() {
  fl_read_now "$RUN"
  if ! fl_is_alive "$RUN"; then
    fl_report_cancel ended
  elif [ "$NOW_MODE" = undoes ]; then
    fl_report_cancel undoing
  elif ! fl_write_cancel; then
    fl_report_cancel ended
  else
    fl_read_now "$RUN"
    fl_report_cancel asked
    if { read -r endable start <"$WORK_DIR/endable"; } 2>/dev/null && [ -n "$endable" ]; then
      fl_end_group "$endable" "$start" 100
    fi
  fi
}

fl_cancel
