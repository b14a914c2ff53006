# The worker of one transaction: it owns the run from here, whatever becomes of the line or of the operator.
# In a dry run D and R are a folder that goes away, nothing is locked, and only the questions are asked.
cd / || exit
TMPDIR=$R
export TMPDIR
stopping='' changed='' opened='' man='' outs=$D
trap 'stopping=1' TERM INT HUP

fl_now() { # sets now: centiseconds since boot, without a process
  read -r now rest </proc/uptime
  now=${now%.*}${now#*.}
}

fl_locked() { # FILE that says who has it: the end, before anything began
  fl_event locked "$(fl_text "$1" 2>/dev/null)"
  fl_state locked
  exit 0
}

fl_worker() { # the system whose lock somebody holds, for a host that could not be had
  for l in "$V"/locks/*; do
    flock -n "$l" true || break
  done
  printf %s "$l"
}

fl_lock() { # the kernel's locks die with us; the lease may have been lost while we waited for them
  exec 7>>"$V/locks/.host" 9>>"$V/locks/$SYSTEM"
  flock "$HOSTLOCK" -w "$WAIT" 7 || fl_locked "$(fl_worker)"
  flock -x -w "$WAIT" 9 || fl_locked "$V/locks/$SYSTEM"
  fl_others "$SYSTEM" "$LEASE" && fl_locked "$L"
  printf '%s\n%s\n%s\n%s\n' "$RUN" "$WHO" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$FOR" >"$V/locks/$SYSTEM"
  [ -n "$RELEASE" ] || fl_write_lease "$SYSTEM" "$LEASE" "$WHO" "$FOR" "$SECONDS_OF_LEASE"
}

fl_ask() { # QUESTION [STDIN [FILE]] -> its exit code; what it complains of is kept, up to 2 MiB, and what it says besides in FILE
  printf '%s\n' "$1" >"$R/ask"
  (ulimit -f 4096; exec timeout -k 2 "$ask" sh "$R/ask" <"${2:-/dev/null}" >"${3:-/dev/null}" 2>"$R/question" 6>&- 7>&- 8>&- 9>&-)
}

fl_mark() { # WORD: on the disk before anything happens
  printf '%s %s\n' "$1" "$i" >>"$D/marks" || return 1
  sync "$D/marks" 2>/dev/null || sync
}

fl_open() { # the first change of this run: from here on it can be undone even after a power cut
  [ -z "$opened" ] || return 0
  opened=1
  sync "$D/undo" "$D/about" "$D" "$S/runs" 2>/dev/null || sync
}

fl_do() { # what a sensitive step prints never reaches the disk
  out=$outs/out.$i
  [ -z "$sensitive" ] || out=$R/out.$i
  said=$out
  [ -z "$keep" ] || said=$out.errors
  printf '%s\n' "$do" >"$R/do.$i" || return 125
  if [ -n "$progress" ]; then
    fl_notes &
    notes=$!
  fi
  fl_run "$out" "$said" timeout -k 10 "$timeout" sh "$R/do.$i" <"$stdin"
  rc=$?
  if [ -n "$progress" ]; then
    kill "$notes" 2>/dev/null
    wait "$notes" 2>/dev/null
  fi
  return $rc
}

fl_notes() { # the last line of a long step, once a second, outside the numbering
  exec 6>&- 7>&- 8>&- 9>&-
  last=
  while sleep 1; do
    [ -e "$out.pipe" ] || exit 0
    line=$(tail -c 512 "$out" 2>/dev/null | tr '\r' '\n' | sed '/^ *$/d' | tail -n 1 | fl_cut | base64 | tr -d '\n')
    [ "$line" = "$last" ] || printf '0 note %s %s .\n' "$i" "$line" >>"$D/events"
    last=$line
  done
}

fl_sweep() { # what a failed step left running would fight with its undo
  read -r g <"$R/group" && [ -n "$g" ] || return 0
  for w in TERM 0 0 0 0 0 0 0 0 0 KILL; do
    fl_lives "$g" || return 0
    kill "-$w" "-$g" 2>/dev/null
    sleep 0.1
  done
}

fl_until() { # ask until it is so, or the time is over
  fl_now
  deadline=$((now + patience))
  until fl_ask "$until"; do
    fl_now
    if [ "$now" -ge "$deadline" ] || [ -n "$stopping" ]; then fl_late; return; fi
    sleep "$every" 6>&- 7>&- 8>&- 9>&-
  done
}

fl_late() { # one that complains of nothing (docker exec tells its errors on stdout) is asked once more, for its words
  [ -z "$stopping" ] && [ ! -s "$R/question" ] || return 1
  if fl_ask "$until" "" "$R/words"; then return 0; fi
  [ -s "$R/question" ] || mv "$R/words" "$R/question"
  return 1
}

fl_arm() {
  exec 6>"$R/worker"
  flock -x 6
  rm -f "$R/safe"
  fl_dead_man &
  man=$!
}

fl_armed() { # only a new connection of the controller makes R/disarm.I
  fl_event armed "$i"
  fl_now
  deadline=$((now + armed))
  until [ -e "$R/disarm.$i" ]; do
    fl_now
    [ "$now" -lt "$deadline" ] || return 1
    sleep 0.1 6>&- 7>&- 8>&- 9>&-
  done
  fl_safe
}

fl_safe() { # the dead man is no longer needed
  [ -n "$man" ] || return 0
  : >"$R/safe"
  exec 6>&-
  wait "$man"
  man=
}

fl_dead_man() { # should the worker itself die while a step is armed, the host still comes back; the locks stay ours meanwhile
  exec 6>&-
  trap : TERM INT HUP
  flock -s "$R/worker" true 7>&- 8>&- 9>&-
  [ ! -e "$R/safe" ] || exit 0
  man=
  fl_number
  if fl_group "$RUN" >/dev/null; then fl_sweep; fi
  if fl_undo "$RUN"; then fl_state undone; else fl_state stuck; fi
  fl_tidy
}

fl_ended() { # STATE CODE [FILE]
  fl_now
  text=
  [ -n "$sensitive" ] || [ -z "${3:-}" ] || text=$(fl_tail "$3")
  fl_event step "$i" "$1" "$2" $(((now - began) * 10)) "$text"
}

fl_question() { # 0: already so. 1: not so. 2: the question failed
  [ -n "$unless" ] || return 1
  fl_ask "$unless" "$compared"
  rc=$?
  [ $rc -lt 2 ] && return $rc
  [ -n "$DRY" ] && [ -n "$changed" ] && return 1 # it may speak of what an earlier step would have made
  fl_ended question $rc "$R/question"
  return 2
}

fl_keep() { # a secret goes through the tmpfs alone
  if [ -n "$sensitive" ]; then
    head -c 65536 "$out" >"$V/kept/$RUN.$i"
  else
    fl_event keep "$i" "$(head -c 65536 "$out" | base64 | tr -d '\n')"
  fi
}

fl_change() {
  rc=0
  if [ -z "$reads" ]; then
    fl_open
    if ! fl_mark begun; then
      fl_ended failed 125
      return 1
    fi
    changed=1
  fi
  [ "$armed" = 0 ] || fl_arm
  if [ -n "$do" ]; then
    fl_do
    rc=$?
    case $ok in *" $rc "*) ;; *)
      fl_sweep
      fl_ended failed $rc "$said"
      return 1
      ;;
    esac
    : >"$R/group"
  fi
  if [ -n "$until" ] && ! fl_until; then
    fl_ended late 1 "$R/question"
    return 1
  fi
  if [ "$armed" != 0 ] && ! fl_armed; then
    fl_ended unarmed 1
    return 1
  fi
  [ -z "$keep" ] || fl_keep
  [ -n "$tells" ] || said=''
  if [ -n "$reads" ]; then fl_ended ok $rc "$said"; else fl_ended changed $rc "$said"; fi
}

fl_wait() { # a step without `do` only waits
  if [ -n "$DRY" ]; then
    if [ -z "$changed" ] && fl_ask "$until"; then fl_ended ok 0; else fl_ended would-change 0; fi
  elif fl_until; then
    fl_ended ok 0
  else
    fl_ended late 1 "$R/question"
    return 1
  fi
}

fl_step() {
  [ -z "$stopping" ] || return 1
  fl_now
  began=$now
  fl_event begin "$i"
  if [ -z "$do$unless" ]; then
    fl_wait
    return
  fi
  fl_question
  case $? in
    0) fl_ended ok 0 ;;
    2) return 1 ;;
    *)
      if [ -z "$DRY" ]; then
        fl_change
      elif [ -n "$reads" ]; then
        fl_ended ok 0
      else
        changed=1
        fl_ended would-change 0
      fi
      ;;
  esac
}

fl_state() { # STATE: the end of the run, on the disk first
  fl_safe
  printf '%s\n' "$1" >"$D/state"
  if [ -z "$DRY" ]; then
    [ -z "$opened" ] || sync "$D/state" 2>/dev/null || sync
    fl_journal "$1"
    if [ -n "$RELEASE" ]; then fl_release "$SYSTEM" "$LEASE"; elif [ "$1" != locked ]; then fl_write_lease "$SYSTEM" "$LEASE" "$WHO" "$FOR" "$SECONDS_OF_LEASE"; fi
  fi
  fl_event end "$1"
}

fl_journal() { # STATE: one line, one write
  J=$S/journal
  [ ! -f "$J" ] || [ "$(wc -c <"$J")" -lt 1048576 ] || mv "$J" "$J.1"
  [ -f "$J" ] || { : >"$J" && chmod 0640 "$J"; }
  printf '%s %s %s %s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$RUN" "$SYSTEM" "$1" "$WHO" "$FOR" >>"$J"
}

fl_fail() { # a step has failed, or a signal has stopped us: then nothing is undone, the host may be going down
  if [ -z "$opened" ]; then fl_state failed
  elif [ -n "$stopping" ]; then fl_state interrupted
  elif fl_undo "$RUN"; then fl_state undone
  else fl_state stuck; fi
  exit 0
}

fl_finish() {
  if [ -n "$changed" ] && [ -z "$DRY" ]; then fl_state changed; else fl_state ok; fi
}

fl_tidy() { # the last 50 runs are kept, and every one that nobody has seen the end of or brought to one side
  rm -rf "${R:?}"
  exec 7>&- 8>&- 9>&-
  # shellcheck disable=SC2012 # the names are ours
  ls -1 "$S/runs" | head -n -50 | while read -r old; do
    fl_is "$old"
    case $state in open | interrupted | stuck) continue ;; esac
    [ ! -e "$S/runs/$old/seen" ] || fl_alive "$old" || rm -rf "${S:?}/runs/$old"
  done
}
