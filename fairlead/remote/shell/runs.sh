# What is known of the runs on this host.
#
#   STATE_DIR/runs/RUN  about state seen marks undo events out.N: what lasts
#                       reserve: room for the way back, should the disk be full by then
#   BOOT_DIR/runs/RUN   body stdin.N alive group: what its worker needs
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
  rm -f "$RUN_DIR/reserve"
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

# fl_group_lives GROUP
# Whether a process of this group lives; a zombie that nobody reaps does not. Exit: 0 yes, 1 no.
# The way in which kill is written is the one that dash, bash and busybox share.
fl_group_lives() {
  kill -0 "-$1" 2>/dev/null || return 1
  pgid=$1
  for stat_file in /proc/[0-9]*/stat; do
    { read -r stat <"$stat_file"; } 2>/dev/null || continue
    # shellcheck disable=SC2086 # split: state parent group
    set -- ${stat##*) }
    [ "${3:-}" != "$pgid" ] || [ "$1" = Z ] || return 0
  done
  return 1
}

# fl_running_group RUN
# Prints the process group of a dead worker's step that is still running. Exit: 0 there is one.
fl_running_group() {
  [ -f "$BOOT_DIR/runs/$1/group" ] || return 1
  read -r group <"$BOOT_DIR/runs/$1/group" && [ -n "$group" ] && fl_group_lives "$group" &&
    printf %s "$group"
}

# fl_heartbeat
# A sign of life to the reader every five seconds, until it is killed or nobody reads.
fl_heartbeat() {
  exec 3<&- 9>&-
  while sleep 5 >/dev/null 2>&1; do echo; done
}
