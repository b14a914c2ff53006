# The beginning of a program that brings a transaction: its folders, and our shared hold on `alive`.
# Sent again after a lost link, the run has begun long ago and is only followed.
fl_make_folders
fl_make_lock_folder
fl_lock_file .host
fl_lock_file "$SYSTEM"
RUN_DIR=$STATE_DIR/runs/$RUN WORK_DIR=$BOOT_DIR/runs/$RUN

# fl_drop WHY
# The run has not begun and cannot: nothing of it is left. Ends the program.
fl_drop() {
  rm -rf "${RUN_DIR:?}" "${WORK_DIR:?}"
  fl_refuse "$1"
}

# fl_unwritten FILE
# A file of the run could not be written: fl_drop.
fl_unwritten() {
  fl_drop "$1 could not be written: $(fl_why_unwritten "${1%/*}")"
}

# fl_mark_seen RUN...
# The ends of these runs have been reported to a person.
fl_mark_seen() {
  for run; do
    [ ! -d "$STATE_DIR/runs/$run" ] || : >"$STATE_DIR/runs/$run/seen"
  done
}

if [ -f "$RUN_DIR/about" ] || fl_is_alive "$RUN"; then
  fl_report begin
  fl_follow "$RUN"
  exit 0
fi
# of one that was killed before anything began
[ ! -d "$RUN_DIR" ] || rm -rf "${RUN_DIR:?}" "${WORK_DIR:?}"
mkdir "$WORK_DIR" 2>/dev/null || fl_refuse "$WORK_DIR cannot be made"
exec 8>"$WORK_DIR/alive"
flock -s 8
why=$(mkdir "$RUN_DIR" 2>&1) || fl_drop "$RUN_DIR cannot be made: ${why##*: }"
TMPDIR=$WORK_DIR
export TMPDIR
