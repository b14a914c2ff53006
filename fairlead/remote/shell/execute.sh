FREE_PIPES='' # those of ours that nobody holds, each between spaces

# fl_execute OUT ERRORS COMMAND...
# Runs a command in a session of its own; its process group, and when that began, are known
# (BOOT_DIR/runs/RUN/group) before it begins. Its stdout lands in the file OUT, its stderr in ERRORS;
# the two may be one.
# With ENDABLE whoever cancels the run ends it: either he sees its group, or it sees him.
# Exit: that of the command; 125 where no pipe can be made.
# TMPDIR is ours, small, and goes away with the run: a daemon would miss it, a big program fill it.
# A daemon of the command may hold the pipe: it is waited for 0.5 s, and then let alone.
fl_execute() {
  out_file=$1 errors_file=$2
  shift 2
  out_pipe=$WORK_DIR/pipe errors_pipe=$WORK_DIR/pipe
  [ "$errors_file" = "$out_file" ] || errors_pipe=$errors_pipe.errors
  if [ -e "$out_file.drained" ]; then rm -f "$out_file.drained" "$errors_file.drained"; fi
  fl_make_pipe "$out_pipe" && fl_make_pipe "$errors_pipe" || return 125
  fl_drain "$out_pipe" "$out_file" &
  [ "$errors_pipe" = "$out_pipe" ] || fl_drain "$errors_pipe" "$errors_file" &
  FREE_PIPES=''
  (
    exec >"$out_pipe" 2>"$errors_pipe" 3<&- 6>&- 7>&- 8>&- 9>&-
    read -r own_group _ </proc/self/stat
    fl_read_process self
    own_group="$own_group $PROCESS_START"
    [ ! -d "$BOOT_DIR/runs/$RUN" ] || printf '%s\n' "$own_group" >"$BOOT_DIR/runs/$RUN/group"
    if [ -n "${ENDABLE:-}" ]; then
      printf '%s\n' "$own_group" >"$WORK_DIR/endable"
      ! fl_is_cancelled || exit 143
    fi
    unset TMPDIR
    exec setsid "$@"
  )
  command_code=$?
  spins=300
  until fl_has_drained || [ $((spins -= 1)) = 0 ]; do :; done
  for pause in 001 001 001 002 005 010 020 050 100 100 200; do
    ! fl_has_drained || break
    sleep 0.$pause
  done
  ! fl_has_drained || FREE_PIPES="$FREE_PIPES $out_pipe $errors_pipe "
  return $command_code
}

# fl_make_pipe PIPE
# Makes a pipe, where there is none that was ours and that nobody holds. Exit: 0 it is there.
fl_make_pipe() {
  case $FREE_PIPES in *" $1 "*) return 0 ;; esac
  [ ! -e "$1" ] || rm -f "$1"
  mkfifo "$1" && FREE_PIPES="$FREE_PIPES $1 "
}

# fl_has_drained
# Exit: 0 all has come that the command of fl_execute, and whoever it has started, had to say.
fl_has_drained() {
  [ -e "$out_file.drained" ] && [ -e "$errors_file.drained" ]
}

# fl_drain PIPE FILE
# Writes the first MiB and the last 64 KiB of what comes through PIPE to FILE; FILE.drained says
# that all has come. A full disk must not stop the one who talks.
fl_drain() {
  exec 3<&- 6>&- 7>&- 8>&- 9>&-
  drain_pipe=$1
  shift
  drained=$1
  true >"$drained" || drained=/dev/null
  # shellcheck disable=SC2094 # fl_pass asks how long it is by now
  { fl_pass "$drained" || tail -c 65536; } <"$drain_pipe" >"$drained"
  true >"$1.drained"
}

# fl_pass FILE
# A filter whose stdout is FILE: passes on the first MiB, each word as it comes. dd holds nothing back,
# but counts its reads however little one brings: where it stops by that, another goes on. Exit: 0 that
# was all; 1 there may be more.
fl_pass() {
  blocks=1024
  while [ "$blocks" -gt 0 ]; do
    counts=$(dd bs=1024 count=$blocks 2>&1 >&4)
    case $counts in [0-9]*+[0-9]*" records in"*) ;; *) return 1 ;; esac
    whole=${counts%%+*} counts=${counts#*+}
    [ $((whole + ${counts%% *})) = $blocks ] || return 0
    blocks=$(((1048576 - $(wc -c <"$1")) / 1024))
  done 4>&1
  return 1
}

# fl_keep_output NAME
# What lies in WORK_DIR/NAME is on the disk from now on, in OUTPUT_DIR, where that has room for it.
fl_keep_output() {
  if [ -s "$WORK_DIR/$1" ] && [ "$OUTPUT_DIR" != "$WORK_DIR" ]; then
    mv "$WORK_DIR/$1" "$OUTPUT_DIR/$1" 2>/dev/null || rm -f "$OUTPUT_DIR/$1"
  fi
}

# fl_cut
# A filter before output is written anywhere that lasts; cut.sh has another.
fl_cut() {
  cat
}

# fl_tail FILE
# Prints the last 4 KiB of a file as one word.
fl_tail() {
  [ ! -s "$1" ] || tail -c 4096 "$1" 2>/dev/null | fl_cut | base64 | tr -d '\n'
}
