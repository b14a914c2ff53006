# One step. programs.py assigns, before it calls fl_step:
#
#   STEP                  its number
#   STEP_DO, STEP_UNLESS, STEP_UNTIL  commands as sh text (`exec` and words: one program); empty: there is
#                         none
#   STEP_STDIN            the file that `do` reads   STEP_COMPARED  the file that `unless` reads
#   STEP_TIMEOUT          seconds for `do`           STEP_ASK_TIMEOUT  seconds for a question
#   STEP_PATIENCE         centiseconds for `until`   STEP_EVERY  seconds between two questions
#   STEP_CONFIRM_WITHIN   centiseconds until a new connection has to arrive; 0: it is not armed
#   STEP_OK_CODES         exit codes of `do` that are well, each between spaces
#   STEP_REGISTER         the name under which its output is remembered
#   STEP_MODE             whether `do` may be ended half way: does (it may), stays, armed (fl_note_now)
#   STEP_SENSITIVE, STEP_PROGRESS, STEP_SHOW_OUTPUT, STEP_READ_ONLY  1 or empty

# fl_read_clock
# Sets NOW: centiseconds since boot, without a process.
fl_read_clock() {
  read -r NOW _ </proc/uptime
  NOW=${NOW%.*}${NOW#*.}
}

# fl_has_to_end
# Exit: 0 no step begins any more, nor goes on waiting.
fl_has_to_end() {
  [ -n "$STOPPING" ] || fl_is_cancelled
}

# fl_step
# Exit: 0 well, 1 it failed or the worker is to stop.
fl_step() {
  ! fl_has_to_end || return 1
  fl_read_clock
  BEGAN=$NOW
  fl_event begin "$STEP"
  if [ -z "$STEP_DO$STEP_UNLESS" ]; then
    fl_wait
    return
  fi
  fl_check_unless
  case $? in
    0) fl_end_step ok 0 ;;
    2) return 1 ;;
    *)
      if [ -z "$DRY" ]; then
        fl_change
      elif [ -n "$STEP_READ_ONLY" ]; then
        fl_end_step ok 0
      else
        CHANGED=1
        fl_end_step would-change 0
      fi
      ;;
  esac
}

# fl_end_step STATE CODE [FILE]
# The step has ended; the end of FILE goes into the event, unless the step is sensitive: what such a
# one prints never reaches the disk.
fl_end_step() {
  fl_read_clock
  shown=
  if [ -z "$STEP_SENSITIVE" ] && [ -s "${3:-}" ]; then shown=$(fl_tail "$3"); fi
  fl_event step "$STEP" "$1" "$2" $(((NOW - BEGAN) * 10)) "$shown"
  if [ -z "$STEP_SENSITIVE" ]; then
    fl_keep_output "out.$STEP"
    fl_keep_output "out.$STEP.errors"
  fi
}

# fl_end_badly STATE CODE [FILE]
# The step has ended as fl_end_step says, unless that is because the run was cancelled.
fl_end_badly() {
  bad_state=$1
  shift
  ! fl_is_cancelled || bad_state=cancelled
  fl_end_step "$bad_state" "$@"
}

# fl_ask QUESTION [STDIN [FILE]]
# Asks a question; its stderr, up to 2 MiB, lands in WORK_DIR/question, its stdout in FILE.
# Exit: that of the question; 124: not in time; 125: it cannot be written down, and is not asked.
fl_ask() {
  question=$1 question_stdin=${2:-/dev/null} answer_file=${3:-/dev/null}
  case $NEEDS_SHELL$question in
    "exec "*) eval "set -- ${question#exec }" ;;
    *)
      printf '%s\n' "${question#exec }" >"$WORK_DIR/ask" || return 125
      set -- sh "$WORK_DIR/ask"
      ;;
  esac
  (
    ulimit -f 4096
    exec timeout -k 2 "$STEP_ASK_TIMEOUT" "$@" <"$question_stdin" \
      >"$answer_file" 2>"$WORK_DIR/question" 6>&- 7>&- 8>&- 9>&-
  )
}

# fl_check_unless
# Exit: 0 already so, 1 not so, 2 the question failed. In a dry run a question that fails behind a
# change may speak of what an earlier step would have made.
fl_check_unless() {
  [ -n "$STEP_UNLESS" ] || return 1
  fl_note_now out "$STEP" asks
  fl_ask "$STEP_UNLESS" "$STEP_COMPARED"
  unless_code=$?
  [ $unless_code -lt 2 ] && return $unless_code
  [ -n "$DRY" ] && [ -n "$CHANGED" ] && return 1
  fl_end_badly question $unless_code "$WORK_DIR/question"
  return 2
}

# fl_change
# Does the step, waits for what has to come of it, and reports its end. Exit: 0 well, 1 it failed.
fl_change() {
  step_code=0
  if fl_is_cancelled; then
    fl_end_step cancelled 0
    return 1
  fi
  if [ -z "$STEP_READ_ONLY" ]; then
    if ! fl_open || ! fl_mark begun; then
      fl_end_step failed 125 "$WORK_DIR/question"
      return 1
    fi
    CHANGED=1
  fi
  [ "$STEP_CONFIRM_WITHIN" = 0 ] || fl_arm
  if [ -n "$STEP_DO" ]; then
    fl_do
    step_code=$?
    case $STEP_OK_CODES in
      *" $step_code "*) ;;
      *)
        fl_sweep
        fl_end_badly failed $step_code "$STEP_ERRORS"
        return 1
        ;;
    esac
    : >"$WORK_DIR/group"
  fi
  if [ -n "$STEP_UNTIL" ] && ! fl_poll_until; then
    fl_end_badly late 1 "$WORK_DIR/question"
    return 1
  fi
  if [ "$STEP_CONFIRM_WITHIN" != 0 ] && ! fl_wait_for_disarm; then
    fl_end_step unarmed 1
    return 1
  fi
  if [ -n "$STEP_REGISTER" ] && ! fl_register; then
    fl_end_step unkept 1
    return 1
  fi
  [ -n "$STEP_SHOW_OUTPUT" ] || STEP_ERRORS=''
  if [ -n "$STEP_READ_ONLY" ]; then
    fl_end_step ok $step_code "$STEP_ERRORS"
  else
    fl_end_step changed $step_code "$STEP_ERRORS"
  fi
}

# fl_wait
# A step without `do` only waits. Exit: 0 well, 1 too late.
fl_wait() {
  if [ -n "$DRY" ]; then
    if [ -z "$CHANGED" ] && fl_ask "$STEP_UNTIL"; then
      fl_end_step ok 0
    else
      fl_end_step would-change 0
    fi
  elif fl_poll_until; then
    fl_end_step ok 0
  else
    fl_end_badly late 1 "$WORK_DIR/question"
    return 1
  fi
}

# fl_do
# Runs `do`; sets STEP_OUT and STEP_ERRORS to the files with its output (one file, unless it is
# registered), which a full disk does not lose. Exit: that of `do`.
fl_do() {
  STEP_OUT=$WORK_DIR/out.$STEP
  STEP_ERRORS=$STEP_OUT
  [ -z "$STEP_REGISTER" ] || STEP_ERRORS=$STEP_OUT.errors
  case $NEEDS_SHELL$STEP_DO in
    "exec "*) eval "set -- ${STEP_DO#exec }" ;;
    *)
      printf '%s\n' "${STEP_DO#exec }" >"$WORK_DIR/do.$STEP" || return 125
      set -- sh "$WORK_DIR/do.$STEP"
      ;;
  esac
  if [ -n "$STEP_PROGRESS" ]; then
    fl_print_notes &
    notes_pid=$!
  fi
  fl_note_now out "$STEP" "$STEP_MODE" "$STEP_TIMEOUT"
  [ "$STEP_MODE" != does ] || ENDABLE=1
  fl_execute "$STEP_OUT" "$STEP_ERRORS" \
    timeout -k 10 "$STEP_TIMEOUT" "$@" <"$STEP_STDIN"
  do_code=$?
  # shellcheck disable=SC2034 # execute.sh reads it
  ENDABLE=
  : >"$WORK_DIR/endable"
  if [ -n "$STEP_PROGRESS" ]; then
    fl_end_children "$notes_pid"
  fi
  return $do_code
}

# fl_print_notes
# The last line of a long step, once a second where it is another, outside the numbering.
fl_print_notes() {
  exec 6>&- 7>&- 8>&- 9>&-
  last_note=
  while sleep 1; do
    [ ! -e "$STEP_OUT.drained" ] || exit 0
    note=$(tail -c 512 "$STEP_OUT" 2>/dev/null | tr '\r' '\n' | sed '/^ *$/d' | tail -n 1 |
      fl_cut | base64 | tr -d '\n')
    [ "$note" = "$last_note" ] || printf '0 note %s %s .\n' "$STEP" "$note" >>"$RUN_DIR/events"
    last_note=$note
  done
}

# fl_register
# Remembers what the step printed, up to 64 KiB; a secret goes through the tmpfs alone. Exit: 0 all
# of it, else it is more, or could not be written.
fl_register() {
  [ "$(wc -c <"$STEP_OUT")" -le 65536 ] || return 1
  if [ -n "$STEP_SENSITIVE" ]; then
    cat "$STEP_OUT" >"$BOOT_DIR/kept/$RUN.$STEP"
  else
    fl_event keep "$STEP" "$(fl_base64 "$STEP_OUT")"
  fi
}

# fl_sweep
# Ends what a failed step left running: it would fight with its undo.
fl_sweep() {
  read -r swept_group swept_start <"$WORK_DIR/group" && [ -n "$swept_group" ] || return 0
  fl_end_group "$swept_group" "$swept_start" 10
}

# fl_poll_until
# Asks until it is so, or the time is over. Exit: 0 it is so, 1 too late.
fl_poll_until() {
  [ "$STEP_CONFIRM_WITHIN" != 0 ] || fl_note_now out "$STEP" waits
  fl_read_clock
  until_deadline=$((NOW + STEP_PATIENCE))
  until fl_ask "$STEP_UNTIL"; do
    fl_read_clock
    if [ "$NOW" -ge "$until_deadline" ] || fl_has_to_end; then
      fl_ask_once_more
      return
    fi
    sleep "$STEP_EVERY" 6>&- 7>&- 8>&- 9>&-
  done
}

# fl_ask_once_more
# A question that complains of nothing (docker exec tells its errors on stdout) is asked once more,
# for its words. Exit: 0 it is so by now, 1 it is not.
fl_ask_once_more() {
  ! fl_has_to_end && [ ! -s "$WORK_DIR/question" ] || return 1
  if fl_ask "$STEP_UNTIL" "" "$WORK_DIR/words"; then return 0; fi
  [ -s "$WORK_DIR/question" ] || mv "$WORK_DIR/words" "$WORK_DIR/question"
  return 1
}
