# The worker of one transaction: it owns the run from here, whatever becomes of the line or of the operator.
# Descriptors: 8 alive, 7 the host's lock, 9 the system's lock; no step inherits them.
# In a dry run D and R are a folder that goes away, nothing is locked, and only the questions are asked.
TMPDIR=$R
export TMPDIR
stopping= changed= opened=
trap 'stopping=1' TERM INT HUP

fl_now() { # sets now: centiseconds since boot, without a process
  read -r now rest </proc/uptime
  now=${now%.*}${now#*.}
}

fl_tail() { tail -c 4096 "$1" 2>/dev/null | base64 | tr -d '\n'; }

fl_locked() { # FILE that says who has it: the end, before anything began
  fl_event locked "$(fl_text "$1" 2>/dev/null)"
  fl_state locked
  exit 0
}

fl_lock() { # the kernel's locks die with us; the lease may have been lost while we waited for them
  exec 7>>"$V/locks/.host" 9>>"$V/locks/$SYSTEM"
  flock "$HOSTLOCK" -w "$WAIT" 7 || fl_locked "$V/locks/.holder"
  flock -x -w "$WAIT" 9 || fl_locked "$V/locks/$SYSTEM"
  fl_others "$SYSTEM" "$LEASE" && fl_locked "$L"
  printf '%s\n%s\n%s\n%s\n' "$RUN" "$WHO" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$FOR" | tee "$V/locks/.holder" >"$V/locks/$SYSTEM"
  [ -n "$RELEASE" ] || fl_write_lease "$SYSTEM" "$LEASE" "$WHO" "$FOR" "$SECONDS_OF_LEASE"
}

fl_ask() { # QUESTION -> its exit code; what it complains of is kept
  timeout -k 2 "$ask" sh -c "$1" </dev/null >/dev/null 2>"$R/question" 7>&- 8>&- 9>&-
}

fl_mark() { # WORD: on the disk before anything happens
  printf '%s %s\n' "$1" "$i" >>"$D/marks"
  sync "$D/marks" 2>/dev/null || sync
}

fl_open() { # the first change of this run: from here on it can be undone even after a power cut
  [ -z "$opened" ] || return 0
  opened=1
  sync "$D/undo" "$D/about" "$D" 2>/dev/null || sync
}

fl_do() { # run the step in a process group of its own; what it prints stays here, the first MiB and the last 64 KiB
  mkfifo "$R/pipe.$i"
  errors=$R/pipe.$i
  [ -z "$keep" ] || errors=$R/errors.$i
  ( (head -c 1048576; tail -c 65536) <"$R/pipe.$i" >"$D/out.$i"; : >"$R/drained.$i" ) 7>&- 8>&- 9>&- &
  (exec 7>&- 8>&- 9>&-; exec timeout -k 10 "$timeout" sh -c "$do" <"$stdin" >"$R/pipe.$i" 2>"$errors") &
  group=$!
  printf '%s\n' $group >"$R/group"
  [ -z "$progress" ] || { fl_notes & notes=$!; }
  while :; do # a TERM ends the wait, not the step
    wait $group
    rc=$?
    [ $rc -gt 128 ] && kill -0 $group 2>/dev/null || break
  done
  [ -z "$progress" ] || kill $notes 2>/dev/null
  : >"$R/group"
  for w in 1 1 1 1 2 5 10 20 50 100 100 200; do # a daemon of the step may hold the pipe: let it
    [ ! -e "$R/drained.$i" ] || break
    sleep "$(printf 0.%03d $w)"
  done
  [ -z "$keep" ] || [ ! -s "$R/errors.$i" ] || cat "$R/errors.$i" >"$D/errors.$i"
  return $rc
}

fl_notes() { # the last line of a long step, once a second, outside the numbering
  while sleep 1; do
    line=$(tail -c 512 "$D/out.$i" 2>/dev/null | tr '\r' '\n' | sed '/^ *$/d' | tail -n 1 | base64 | tr -d '\n')
    [ -z "$line" ] || printf '0 note %s %s .\n' "$i" "$line" >>"$D/events"
  done
}

fl_until() { # ask until it is so, or the time is over
  fl_now
  deadline=$((now + ${timeout%.*} * 100))
  until fl_ask "$until"; do
    fl_now
    [ $now -lt $deadline ] && [ -z "$stopping" ] || return 1
    sleep "$every"
  done
}

fl_armed() { # only a new connection of the controller makes R/disarm.I
  fl_event armed "$i"
  fl_now
  deadline=$((now + ${armed%.*} * 100))
  until [ -e "$R/disarm.$i" ]; do
    fl_now
    [ $now -lt $deadline ] || return 1
    sleep 0.1
  done
}

fl_ended() { # STATE CODE [FILE]
  fl_now
  text=
  [ -n "$sensitive" ] || [ -z "$3" ] || text=$(fl_tail "$3")
  fl_event step "$i" "$1" "$2" $(((now - began) * 10)) "$text"
}

fl_question() { # 0: already so. 1: not so. 2: the question failed
  [ -n "$unless" ] || return 1
  fl_ask "$unless"
  rc=$?
  [ $rc -lt 2 ] && return $rc
  [ -n "$DRY" ] && [ -n "$changed" ] && return 1 # it may speak of what an earlier step would have made
  fl_ended question $rc "$R/question"
  return 2
}

fl_change() {
  fl_open
  fl_mark begun
  changed=1
  if [ $armed != 0 ]; then fl_dead_man & fi
  [ -z "$do" ] || { fl_do; rc=$?; case "$ok" in *" $rc "*) ;; *) fl_ended failed $rc "$D/out.$i" && return 1 ;; esac; }
  if [ -n "$until" ] && ! fl_until; then fl_ended late 1 "$R/question" && return 1; fi
  if [ $armed != 0 ] && ! fl_armed; then fl_ended unarmed 1 && return 1; fi
  fl_kept
  fl_mark done
  fl_ended changed $rc
}

fl_wait() { # a step without `do` only waits
  if [ -z "$DRY" ]; then
    if fl_until; then fl_ended ok 0; else fl_ended late 1 "$R/question" && return 1; fi
  elif [ -z "$changed" ] && fl_ask "$until"; then fl_ended ok 0; else fl_ended would-change 0; fi
}

fl_read() { # a step that only looks, for the sake of what it keeps
  if [ -z "$DRY" ]; then
    fl_do
    rc=$?
    case "$ok" in *" $rc "*) ;; *) fl_ended failed $rc "$D/out.$i" && return 1 ;; esac
    fl_kept
  fi
  fl_ended ok $rc
}

fl_kept() { [ -z "$keep" ] || fl_event keep "$i" "$(head -c 65536 "$D/out.$i" | base64 | tr -d '\n')"; }

fl_step() {
  [ -z "$stopping" ] || return 3
  fl_now
  began=$now
  fl_event begin "$i"
  rc=0
  if [ -z "$do" ] && [ -z "$unless" ]; then fl_wait && return; return 1; fi
  if [ -n "$reads" ]; then fl_read && return; return 1; fi
  fl_question
  case $? in 0) fl_ended ok 0 && return 0 ;; 2) return 1 ;; esac
  if [ -n "$DRY" ]; then changed=1 && fl_ended would-change 0 && return 0; fi
  fl_change
}

fl_dead_man() { # should the worker itself die while a step is armed, the host still comes back
  exec 7>&- 8>&- 9>&-
  trap '' TERM INT HUP
  flock -s "$R/alive" true
  [ -e "$D/state" ] || { fl_undo "$RUN"; echo undone >"$D/state"; }
}

fl_state() { # STATE: the end of the run, on the disk first
  printf '%s\n' "$1" >"$D/state"
  [ -z "$opened" ] || sync "$D/state" 2>/dev/null || sync
  [ -n "$DRY" ] || fl_journal "$1"
  [ -z "$RELEASE" ] || fl_release "$SYSTEM" "$LEASE"
  fl_event end "$1"
}

fl_journal() { # STATE: one line, one write
  J=$S/journal
  [ ! -f "$J" ] || [ "$(wc -c <"$J")" -lt 1048576 ] || mv "$J" "$J.1"
  [ -f "$J" ] || { : >"$J" && chmod 0640 "$J"; }
  printf '%s %s %s %s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$RUN" "$SYSTEM" "$1" "$WHO" "$FOR" >>"$J"
}

fl_fail() { # CODE of fl_step: 1 failed, 3 stopped by a signal
  if [ "$1" = 3 ]; then fl_state interrupted
  elif [ -z "$opened" ]; then fl_state failed
  elif fl_undo "$RUN"; then fl_state undone
  else fl_state stuck; fi
  exit 0
}

fl_finish() {
  if [ -n "$changed" ] && [ -z "$DRY" ]; then fl_state changed; else fl_state ok; fi
}

fl_tidy() { # the last 50 runs are kept, and every one that nobody has seen the end of
  ls -1 "$S/runs" | head -n -50 | while read -r old; do [ ! -e "$S/runs/$old/seen" ] || rm -rf "${S:?}/runs/$old"; done
  rm -rf "${R:?}"
}
