# fl_tidy
# Removes the folder of the work, and old runs: the last 50 are kept, and every one that nobody has
# seen the end of or brought to one side.
fl_tidy() {
  rm -rf "${WORK_DIR:?}"
  exec 7>&- 8>&- 9>&-
  # shellcheck disable=SC2012 # the names are ours
  ls -1 "$STATE_DIR/runs" | head -n -50 | while read -r old_run; do
    fl_read_state "$old_run"
    case $RUN_STATE in open | interrupted | stuck) continue ;; esac
    [ ! -e "$STATE_DIR/runs/$old_run/seen" ] || fl_is_alive "$old_run" ||
      rm -rf "${STATE_DIR:?}/runs/$old_run"
  done
}
