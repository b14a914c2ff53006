# Brings the dead transaction RUN of SYSTEM to one side: undone, or (FORWARD) forgotten. A cut link
# does not end this. HOST is how people call this host.
fl_make_folders
trap : HUP INT TERM PIPE
RUN_DIR=$STATE_DIR/runs/$RUN WORK_DIR=$BOOT_DIR/runs/$RUN
# shellcheck disable=SC2034 # undo.sh reads it
OUTPUT_DIR=$RUN_DIR
[ -f "$RUN_DIR/about" ] || fl_refuse "there is no run $RUN here"
fl_make_lock_folder
fl_lock_file "$SYSTEM"
exec 9<"$LOCK_FILE"
if fl_is_alive "$RUN" || ! flock -w 1 9; then
  fl_refuse "a run of $SYSTEM works here just now: inv runs.follow --host=$HOST"
fi
if running=$(fl_running_group "$RUN"); then
  why="a step of run $RUN is still running as process group $running"
  fl_refuse "$why: end it there (kill -- -$running), then inv runs.recover --host=$HOST"
fi
fl_read_state "$RUN"
case $RUN_STATE in
  open | interrupted | stuck) ;;
  *) fl_refuse "run $RUN has ended: $RUN_STATE; see inv runs.show --host=$HOST" ;;
esac
fl_heartbeat &
heartbeat_pid=$!
mkdir -p "$WORK_DIR"
fl_resume_numbering
if [ -n "$FORWARD" ]; then
  RUN_STATE=forgotten
elif fl_undo "$RUN"; then
  RUN_STATE=undone
else
  RUN_STATE=stuck
fi
fl_write_state $RUN_STATE
sync "$RUN_DIR/state" 2>/dev/null || sync
: >"$RUN_DIR/seen"
rm -rf "${WORK_DIR:?}"
fl_release_lease "$SYSTEM" "${RUN%.*}"
fl_end_children $heartbeat_pid
echo
fl_report begin
sed '/^0 note /d' "$RUN_DIR/events"
echo
fl_report over $RUN_STATE
