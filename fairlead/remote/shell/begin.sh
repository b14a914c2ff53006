# The beginning of a worker that changes things: it is the only one of its run, it lives (`alive`),
# and it tidies up when it ends, however it ends.
mkdir "$WORK_DIR/claimed" 2>/dev/null || exit 0
exec 6>"$WORK_DIR/alive"
flock -s 6
exec 8>&6 6>&-
trap fl_tidy EXIT
# shellcheck source=/dev/null # start.sh wrote it
. "$WORK_DIR/variables"
: >"$WORK_DIR/started"
fl_event start "$(date +%s)"
fl_lock
