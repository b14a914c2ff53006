# What is known of the runs on this host.
#
#   STATE_DIR/runs/RUN  about state seen marks undo events out.N: what lasts
#   BOOT_DIR/runs/RUN   body stdin.N alive group: what its worker needs
#
# Descriptors: 3 the reader's answers, 6 an armed worker, 7 the host's lock, 8 alive, 9 the system's
# lock; no step inherits them.
EVENT_NUMBER=0

# fl_event KIND WORD...
# One line to the events of the run in RUN_DIR, in one write, numbered. Exit: 0 written, else not; a
# dry run ends there, and has no state then.
fl_event() {
  EVENT_NUMBER=$((EVENT_NUMBER + 1))
  printf '%s %s .\n' $EVENT_NUMBER "$*" >>"$RUN_DIR/events" && return
  [ -z "${DRY:-}" ] || exit 1
  return 1
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
