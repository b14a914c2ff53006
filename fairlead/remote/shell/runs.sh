# What is known of the runs on this host. Descriptors: 6 an armed worker, 7 the host's lock, 8 alive, 9 the system's lock; no step inherits them.
number=0
fl_event() { # KIND WORD...: one line, one write, numbered
  number=$((number + 1))
  printf '%s %s .\n' $number "$*" >>"$D/events"
}

fl_number() { # go on numbering where a dead worker stopped, perhaps in the middle of a line
  printf '\n' >>"$D/events"
  number=$(sed -n 's/^\([1-9][0-9]*\) .* \.$/\1/p' "$D/events" | tail -n 1)
  number=${number:-0}
}

fl_is() { # RUN: sets state
  state=
  [ ! -f "$S/runs/$1/state" ] || read -r state <"$S/runs/$1/state"
  state=${state:-open}
}

fl_about() { # RUN: one line to the reader
  if fl_alive "$1"; then life=alive; else life=dead; fi # asked first: a worker writes its state before it dies
  fl_is "$1"
  seen=seen
  [ -e "$S/runs/$1/seen" ] || seen=unseen
  printf '%s run %s %s %s %s %s\n' "$MARK" "$1" "$state" $life $seen "$(fl_text "$S/runs/$1/about")"
}

fl_runs() { # all | unseen: what nobody has brought to one side counts as unseen for ever
  for d in "$S"/runs/*/; do
    [ -f "$d/about" ] || continue
    r=${d%/} r=${r##*/}
    fl_is "$r"
    case $1.$state in
      all.* | *.open | *.interrupted | *.stuck) fl_about "$r" ;;
      *) [ -e "$d/seen" ] || fl_about "$r" ;;
    esac
  done
}

fl_lives() { # GROUP: does one of its processes live? A zombie that nobody reaps does not
  kill -0 "-$1" 2>/dev/null || return 1 # the one way to write it that dash, bash and busybox share
  g=$1
  for f in /proc/[0-9]*/stat; do
    { read -r words <"$f"; } 2>/dev/null || continue
    # shellcheck disable=SC2086 # split: state parent group
    set -- ${words##*) }
    [ "${3:-}" != "$g" ] || [ "$1" = Z ] || return 0
  done
  return 1
}

fl_group() { # RUN: is the step of a dead worker still running? prints its process group
  [ -f "$V/runs/$1/group" ] || return 1
  read -r g <"$V/runs/$1/group" && [ -n "$g" ] && fl_lives "$g" && printf %s "$g"
}

fl_drain() { # FILE: the first MiB and the last 64 KiB of what comes through FILE.pipe, which goes away when all has come
  exec 3<&- 6>&- 7>&- 8>&- 9>&-
  f=$1
  : >"$f" || f=/dev/null # a full disk must not stop the one who talks
  { dd bs=65536 iflag=count_bytes count=1048576 2>/dev/null; tail -c 65536; } <"$1.pipe" >"$f" # dd holds nothing back
  rm -f "$1.pipe"
}

fl_run() { # OUT ERRORS COMMAND...: in a session of its own, its group known on the disk before it begins
  o=$1 e=$2
  shift 2
  rm -f "$o.pipe" "$e.pipe"
  mkfifo "$o.pipe" || return 125
  fl_drain "$o" &
  if [ "$e" != "$o" ]; then
    mkfifo "$e.pipe"
    fl_drain "$e" &
  fi
  (
    exec >"$o.pipe" 2>"$e.pipe" 3<&- 6>&- 7>&- 8>&- 9>&-
    read -r g rest </proc/self/stat
    [ ! -d "$V/runs/$RUN" ] || printf '%s\n' "$g" >"$V/runs/$RUN/group"
    unset TMPDIR # ours is small and goes away with the run: a daemon would miss it, a big program fill it
    exec setsid "$@"
  )
  rc=$?
  for w in 001 001 001 001 002 005 010 020 050 100 100 200; do # a daemon of the step may hold the pipe: let it
    [ -e "$o.pipe" ] || [ -e "$e.pipe" ] || break
    sleep 0.$w
  done
  return $rc
}

fl_cut() { cat; } # cut.sh has another

fl_tail() { tail -c 4096 "$1" 2>/dev/null | fl_cut | base64 | tr -d '\n'; }

fl_undo() { # RUN: undo every step begun and not undone yet, the last one first; exit 0: all undone
  d=$S/runs/$1 stuck=
  # shellcheck disable=SC2013 # numbers
  for i in $(sed -n 's/^begun //p' "$d/marks" 2>/dev/null | sort -rnu); do
    if ! grep -q "^$i\.)" "$d/undo" || grep -qx "undone $i" "$d/marks"; then continue; fi
    u=${outs:-$d}/undo.$i
    fl_run "$u" "$u" sh "$d/undo" "$i" </dev/null
    rc=$?
    if [ $rc = 0 ]; then printf 'undone %s\n' "$i" >>"$d/marks"; else stuck=1; fi
    fl_event undo "$i" $rc "$(fl_tail "$u")"
  done
  [ -z "$stuck" ]
}

fl_follow() { # RUN: its events until its worker is gone, then all of them once more (the reader knows them by number), then its answer
  d=$S/runs/$1
  tail -n +1 -f "$d/events" 2>/dev/null 3<&- &
  t=$!
  (exec 3<&-; while sleep 5 >/dev/null 2>&1; do echo; done) & # a sign of life
  h=$!
  [ ! -e "$V/runs/$1/alive" ] || flock -x "$V/runs/$1/alive" true
  kill $t $h 2>/dev/null
  wait $t $h 2>/dev/null
  printf '\n'
  sed '/^0 note /d' "$d/events"
  for k in "$V/kept/$1".*; do [ ! -f "$k" ] || printf '0 keep %s %s .\n' "${k##*.}" "$(fl_text "$k")"; done
  fl_is "$1"
  printf '\n%s over %s\n' "$MARK" "$state" # the last event may be half written
  if IFS= read -r word <&3 && [ "$word" = seen ]; then
    : >"$d/seen"
    rm -f "$V/kept/$1".*
  fi
}
