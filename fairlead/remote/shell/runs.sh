# What is known of the runs on this host.
#
#   STATE_DIR/runs/RUN  about state seen marks undo events out.N: what lasts
#                       reserve: room for the way back, should the disk be full by then
#   BOOT_DIR/runs/RUN   body stdin.N alive group: what its worker needs
#                       now: what it is at, in a line (fl_note_now)   endable: the process group that
#                       may be ended, if any   cancel: who has asked it to end (cancel.sh)
#
# Descriptors: 3 the reader's answers, 6 an armed worker, 7 the host's lock, 8 alive, 9 the system's
# lock; no step inherits them.
EVENT_NUMBER=0 FULL=

# fl_event KIND WORD...
# One line to the events of the run in RUN_DIR, in one write, numbered. Exit: 0 written, else not; a
# dry run ends there, and has no state then.
fl_event() {
  EVENT_NUMBER=$((EVENT_NUMBER + 1))
  fl_append "$RUN_DIR/events" "$EVENT_NUMBER $* ." && return
  [ -z "${DRY:-}" ] || exit 1
  return 1
}

# fl_append FILE LINE
# One line to a file of the run, in one write. Where the disk is full, what was reserved is used up,
# behind half a line of before. Exit: 0 written.
fl_append() {
  printf '%s\n' "$2" 2>/dev/null >>"$1" && return
  fl_use_reserve && printf '\n%s\n' "$2" >>"$1"
}

# fl_use_reserve
# Makes room on the disk; FULL says why there was none, and no step begins any more. Exit: 0 there is
# some, 1 it was used up before.
fl_use_reserve() {
  [ -f "$RUN_DIR/reserve" ] || return 1
  # shellcheck disable=SC2034 # worker.sh reads it
  FULL=$(fl_why_unwritten "$RUN_DIR")
  rm -f "$RUN_DIR/reserve"
}

# fl_write_state STATE
# How the run ended; what was reserved goes. Exit: 0 written.
fl_write_state() {
  printf '%s\n' "$1" 2>/dev/null >"$RUN_DIR/state" ||
    { fl_use_reserve && printf '%s\n' "$1" >"$RUN_DIR/state"; }
  state_code=$?
  [ ! -f "$RUN_DIR/reserve" ] || rm -f "$RUN_DIR/reserve"
  return $state_code
}

# fl_resume_numbering
# Goes on where a dead worker stopped, perhaps in the middle of a line.
fl_resume_numbering() {
  printf '\n' >>"$RUN_DIR/events"
  EVENT_NUMBER=$(sed -n 's/^\([1-9][0-9]*\) .* \.$/\1/p' "$RUN_DIR/events" | tail -n 1)
  EVENT_NUMBER=${EVENT_NUMBER:-0}
}

# fl_read_state RUN
# Sets RUN_STATE: open, or how the run ended.
fl_read_state() {
  RUN_STATE=
  [ ! -f "$STATE_DIR/runs/$1/state" ] || read -r RUN_STATE <"$STATE_DIR/runs/$1/state"
  RUN_STATE=${RUN_STATE:-open}
}

# fl_report_run RUN
# One line to the reader. Whether it lives is asked first: a worker writes its state before it dies.
fl_report_run() {
  if fl_is_alive "$1"; then life=alive; else life=dead; fi
  fl_read_state "$1"
  seen=seen
  [ -e "$STATE_DIR/runs/$1/seen" ] || seen=unseen
  fl_report run "$1" "$RUN_STATE" $life $seen "$(fl_base64 "$STATE_DIR/runs/$1/about")"
}

# fl_report_runs all|unseen
# Every run, or those whose end nobody has seen; what nobody has brought to one side counts as
# unseen for ever.
fl_report_runs() {
  for run_folder in "$STATE_DIR"/runs/*/; do
    [ -f "$run_folder/about" ] || continue
    run=${run_folder%/} run=${run##*/}
    fl_read_state "$run"
    case $1.$RUN_STATE in
      all.* | *.open | *.interrupted | *.stuck) fl_report_run "$run" ;;
      *) [ -e "$run_folder/seen" ] || fl_report_run "$run" ;;
    esac
  done
}

# fl_read_process PID|self
# Sets PROCESS_STATE, PROCESS_PARENT, PROCESS_GROUP and PROCESS_START (in ticks, since boot; no two
# processes of one number share it). Exit: 0 it is there.
fl_read_process() {
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  # shellcheck disable=SC2086 # split, behind the name: state parent group ...
  set -- ${stat##*) }
  PROCESS_STATE=$1 PROCESS_PARENT=$2 PROCESS_GROUP=$3 PROCESS_START=${20}
}

# fl_end_children PID...
# Ends those of our children that are there still: the shell forgets one that has ended, and then its
# number may be that of somebody else.
fl_end_children() {
  read -r own_number _ </proc/self/stat
  for child; do
    ! fl_read_process "$child" || [ "$PROCESS_PARENT" != "$own_number" ] || kill "$child"
  done 2>/dev/null
  wait "$@" 2>/dev/null
}

# fl_group_lives GROUP START
# Whether a process of this group lives; a zombie that nobody reaps does not. Exit: 0 yes, 1 no.
# START is that of its first process (empty: not noted): where GROUP is a process that began at another
# time, the number is somebody else's by now.
# The way in which kill is written is the one that dash, bash and busybox share.
fl_group_lives() {
  kill -0 "-$1" 2>/dev/null || return 1
  [ -z "$2" ] || ! fl_read_process "$1" || [ "$PROCESS_START" = "$2" ] || return 1
  for stat_file in /proc/[0-9]*/stat; do
    stat_file=${stat_file#/proc/}
    fl_read_process "${stat_file%/stat}" || continue
    [ "$PROCESS_GROUP" != "$1" ] || [ "$PROCESS_STATE" = Z ] || return 0
  done
  return 1
}

# fl_end_group GROUP START TENTHS
# Ends the processes of this group: they are asked to, and made to after so many tenths of a second.
fl_end_group() {
  ended_group=$1 ended_start=$2 tenths=$3
  fl_group_lives "$ended_group" "$ended_start" || return 0
  kill -TERM "-$ended_group" 2>/dev/null
  until [ "$tenths" -le 0 ]; do
    sleep 0.1
    fl_group_lives "$ended_group" "$ended_start" || return 0
    tenths=$((tenths - 1))
  done
  kill -KILL "-$ended_group" 2>/dev/null
  sleep 0.1
}

# fl_note_now out|undo|proof STEP MODE [SECONDS]
# Notes what the worker is at: where that prints lies in WORK_DIR/out.STEP and so on. MODE: asks,
# does, stays (it has no way back, and must not be ended half way), armed, waits, undoes. SECONDS:
# how long it may take.
fl_note_now() {
  [ -n "${DRY:-}" ] || printf '%s\n' "$*" 2>/dev/null >"$WORK_DIR/now"
}

# fl_read_now RUN
# Sets NOW_KIND, NOW_STEP, NOW_MODE, NOW_LIMIT: the words of fl_note_now. Exit: 0 there are some.
fl_read_now() {
  NOW_KIND='' NOW_STEP='' NOW_MODE='' NOW_LIMIT=''
  # shellcheck disable=SC2034 # cancel.sh reads it
  { read -r NOW_KIND NOW_STEP NOW_MODE NOW_LIMIT <"$BOOT_DIR/runs/$1/now"; } 2>/dev/null
}

# fl_is_cancelled
# Exit: 0 somebody has asked the worker of WORK_DIR to end its run, else nobody has.
fl_is_cancelled() {
  [ -e "$WORK_DIR/cancel" ]
}

# fl_running_group RUN
# Prints the process group of a dead worker's step that is still running. Exit: 0 there is one.
fl_running_group() {
  [ -f "$BOOT_DIR/runs/$1/group" ] || return 1
  read -r group start <"$BOOT_DIR/runs/$1/group" && [ -n "$group" ] &&
    fl_group_lives "$group" "$start" && printf %s "$group"
}

# fl_heartbeat [RUN]
# A sign of life to the reader every five seconds, until it is killed or nobody reads; where RUN works
# on something, that is for how long nothing has come from it.
fl_heartbeat() {
  exec 3<&- 9>&-
  while sleep 5 >/dev/null 2>&1; do fl_report_silence "${1:-}" || echo; done
}

# fl_report_silence RUN
# Exit: 0 reported, outside the numbering; 1 nothing is known: nothing is worked on, or it has printed
# so much that no more of it is written down (fl_pass).
fl_report_silence() {
  fl_read_now "$1" || return 1
  last_sign=$(stat -c %Y "$STATE_DIR/runs/$1/events" 2>/dev/null) || return 1
  for printed in "$BOOT_DIR/runs/$1/$NOW_KIND.$NOW_STEP" \
    "$BOOT_DIR/runs/$1/$NOW_KIND.$NOW_STEP.errors"; do
    sign=$(stat -c '%Y %s' "$printed" 2>/dev/null) || continue
    [ "${sign#* }" -le 1047552 ] || return 1
    [ "${sign% *}" -le "$last_sign" ] || last_sign=${sign% *}
  done
  fl_read_date
  quiet=$((EPOCH - last_sign))
  [ "$quiet" -ge 0 ] || quiet=0
  printf '\n0 silent %s %s %s %s .\n' "$NOW_KIND" "$NOW_STEP" "$NOW_MODE" "$quiet"
}
