# The worker of one transaction: it owns the run from here, whatever becomes of the line or of the
# operator. RUN_DIR and WORK_DIR are the folders of the run; in a dry run both are the
# folder $1, which goes away, nothing is locked, and only the questions are asked.
#
#   STOPPING  a signal has come   CHANGED  a step has changed something, or would
#   OPENED    the run lies on the disk and can be undone   OUTPUT_DIR  where output of steps goes
#   CANCELLED somebody has asked for its end, and that is how it ends
#   NEEDS_SHELL  also a single program is run by a shell
if [ -n "$DRY" ]; then
  RUN_DIR=$1 WORK_DIR=$1
else
  RUN_DIR=$STATE_DIR/runs/$RUN WORK_DIR=$BOOT_DIR/runs/$RUN
fi
cd / || exit
TMPDIR=$WORK_DIR
export TMPDIR
# shellcheck disable=SC2034 # the other files read them
STOPPING='' CHANGED='' OPENED='' CANCELLED='' ENDABLE='' DEAD_MAN='' OUTPUT_DIR=$RUN_DIR
trap 'STOPPING=1' TERM INT HUP

# fl_is_busybox
# Is `timeout` that of busybox? It becomes the program itself, whose parent we would then be. Exit: 0 yes.
fl_is_busybox() {
  timeout_file=$(command -v timeout)
  for file in /proc/self/exe "$timeout_file"; do
    for busybox in /bin/busybox /usr/bin/busybox; do
      # shellcheck disable=SC3013 # dash, bash and busybox have it
      [ ! "$file" -ef "$busybox" ] || return 0
    done
  done
  return 1
}

NEEDS_SHELL=''
# shellcheck disable=SC2034 # step.sh reads it
! fl_is_busybox || NEEDS_SHELL=1

# fl_end_locked FILE
# Somebody else has the lock, FILE says who: the end of the run (exit 0), before anything began.
fl_end_locked() {
  HOLDER=$1
  fl_event locked "$(fl_holder)"
  fl_end locked
  exit 0
}

# fl_find_worker
# Sets HOLDER to the file of who holds the lock of a system, for a host that could not be had.
fl_find_worker() {
  # shellcheck disable=SC2153 # of prologue.sh
  for lock in "$LOCK_DIR"/*.lock; do
    lock=${lock##*/}
    ! fl_is_locked "${lock%.lock}" || break
  done
  fl_worker_of "${lock%.lock}"
}

# fl_await_lock -s|-x DESCRIPTOR
# Exit: 0 it is locked; 1 not within WAIT centiseconds, or the worker is to stop.
fl_await_lock() {
  fl_read_clock
  lock_deadline=$((NOW + WAIT))
  until flock "$1" -w 1 "$2"; do
    fl_read_clock
    [ "$NOW" -lt "$lock_deadline" ] && ! fl_has_to_end || return 1
  done
}

# fl_lock
# Takes the kernel's locks, which die with us. The lease may have been lost while we waited.
fl_lock() {
  fl_open_locks
  if ! fl_await_lock "$HOSTLOCK" 7; then
    ! fl_is_cancelled || fl_fail
    fl_find_worker
    fl_end_locked "$HOLDER"
  fi
  if ! fl_await_lock -x 9; then
    ! fl_is_cancelled || fl_fail
    fl_worker_of "$SYSTEM"
    fl_end_locked "$HOLDER"
  fi
  fl_is_leased "$SYSTEM" "$LEASE" && fl_end_locked "$HOLDER"
  fl_publish_worker
  [ -n "$RELEASE" ] || fl_prolong_lease "$SYSTEM" "$LEASE" "$WHO" "$FOR" "$SECONDS_OF_LEASE"
}

# fl_mark WORD
# Notes WORD (begun) of this step, on the disk before anything happens. Exit: 0 noted; else why not
# lies in WORK_DIR/question. What is reserved is for the way back.
fl_mark() {
  if printf '%s %s\n' "$1" "$STEP" 2>/dev/null >>"$RUN_DIR/marks"; then
    sync "$RUN_DIR/marks" 2>/dev/null || sync
  else
    printf '%s\n' "it could not be noted in $RUN_DIR: $(fl_why_unwritten "$RUN_DIR")" >"$WORK_DIR/question"
    return 1
  fi
}

# fl_open
# The first change of this run: from here on it can be undone even after a power cut, and on a disk
# that is full by then. Exit: as fl_mark.
fl_open() {
  if [ -z "$OPENED" ] && ! head -c 65536 /dev/zero 2>/dev/null >"$RUN_DIR/reserve"; then
    FULL=$(fl_why_unwritten "$RUN_DIR")
    rm -f "$RUN_DIR/reserve"
  fi
  if [ -n "$FULL" ]; then
    printf '%s\n' "no way back could be noted in $RUN_DIR: $FULL" >"$WORK_DIR/question"
    return 1
  fi
  [ -z "$OPENED" ] || return 0
  OPENED=1
  sync "$RUN_DIR/undo" "$RUN_DIR/about" "$RUN_DIR" "$STATE_DIR/runs" 2>/dev/null || sync
}

# fl_fail
# A step has failed, or somebody has cancelled the run, or a signal has stopped us: then nothing is
# undone, the host may be going down. Ends the run and the worker (exit 0).
fl_fail() {
  if fl_is_cancelled; then
    # shellcheck disable=SC2034 # ending.sh reads it
    CANCELLED=1
    fl_event cancel "$(fl_base64 "$WORK_DIR/cancel")"
  fi
  if [ -z "$OPENED" ]; then
    fl_end failed
  elif [ -n "$STOPPING" ]; then
    fl_end interrupted
  elif fl_undo "$RUN"; then
    fl_end undone
  else
    fl_end stuck
  fi
  exit 0
}

# fl_finish
# All steps have ended well: the end of the run, unless it was cancelled meanwhile.
fl_finish() {
  ! fl_is_cancelled || fl_fail
  if [ -n "$CHANGED" ] && [ -z "$DRY" ]; then fl_end changed; else fl_end ok; fi
}
