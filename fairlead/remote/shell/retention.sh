# fl_tidy
# Removes the folder of the work, and old runs: the last 50 are kept, and every one that nobody has
# seen the end of or brought to one side.
fl_tidy() {
  rm -rf "${WORK_DIR:?}"
  exec 7>&- 8>&- 9>&-
  set -- "$STATE_DIR"/runs/*
  while [ $# -gt 50 ]; do
    old_run=${1##*/}
    shift
    [ -f "$STATE_DIR/runs/$old_run/about" ] || fl_is_alive "$old_run" ||
      rm -rf "${STATE_DIR:?}/runs/$old_run"
    fl_read_state "$old_run"
    case $RUN_STATE in open | interrupted | stuck) continue ;; esac
    [ ! -e "$STATE_DIR/runs/$old_run/seen" ] || fl_is_alive "$old_run" ||
      rm -rf "${STATE_DIR:?}/runs/$old_run"
  done
}
