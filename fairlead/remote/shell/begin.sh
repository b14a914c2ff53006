# The beginning of a worker that changes things: it is the only one of its run, it lives (`alive`),
# and it tidies up when it ends, however it ends. Argument: the word `alive` where descriptor 8 has that
# lock already.
fl_create "$WORK_DIR/claimed" || exit 0
if [ "${1:-}" != alive ]; then
  exec 6>"$WORK_DIR/alive"
  flock -s 6
  exec 8>&6 6>&-
fi
trap fl_tidy EXIT
# shellcheck source=/dev/null # start.sh wrote it
. "$WORK_DIR/variables"
: >"$WORK_DIR/started"
fl_read_date
fl_event start "$EPOCH"
fl_lock
