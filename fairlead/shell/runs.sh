# What is known of the runs on this host.
number=0
fl_event() { # KIND WORD...: one line, one write, numbered
  number=$((number + 1))
  printf '%s %s .\n' $number "$*" >>"$D/events"
}

fl_about() { # RUN: one line to the reader
  d=$S/runs/$1
  state=$(cat "$d/state" 2>/dev/null) || state=open
  if fl_alive "$1"; then life=alive; else life=dead; fi
  seen=seen
  [ -e "$d/seen" ] || seen=unseen
  printf '%s run %s %s %s %s %s\n' "$MARK" "$1" "$state" "$life" "$seen" "$(fl_text "$d/about")"
}

fl_runs() { # all | unseen
  for d in "$S"/runs/*/; do
    [ -f "$d/about" ] || continue
    r=${d%/} r=${r##*/}
    [ "$1" = unseen ] && [ -e "$d/seen" ] || fl_about "$r"
  done
}

fl_group() { # RUN: is the step of a dead worker still running? prints its process group
  [ -f "$V/runs/$1/group" ] || return 1
  read -r g <"$V/runs/$1/group" && [ -n "$g" ] && kill -0 -- "-$g" 2>/dev/null && printf %s "$g"
}

fl_undo() { # RUN: undo every step begun, the last one first; exit 0: all undone
  d=$S/runs/$1 stuck=
  for i in $(sed -n 's/^begun //p' "$d/marks" 2>/dev/null | sort -rn); do
    sh "$d/undo" "$i" >"$d/undo.$i" 2>&1 </dev/null 7>&- 8>&- 9>&-
    rc=$?
    [ $rc = 0 ] || [ $rc = 118 ] || stuck=1
    [ $rc = 118 ] || fl_event undo "$i" $rc "$(tail -c 4096 "$d/undo.$i" | base64 | tr -d '\n')"
  done
  [ -z "$stuck" ]
}

fl_follow() { # RUN: its events until its worker is gone, then all of them once more (the reader knows them by number), then its answer
  d=$S/runs/$1
  tail -n +1 -f "$d/events" 2>/dev/null &
  t=$!
  (while sleep 5 >/dev/null 2>&1; do echo; done) & # a sign of life
  h=$!
  [ ! -e "$V/runs/$1/alive" ] || flock -s "$V/runs/$1/alive" true
  kill $t $h 2>/dev/null
  wait $t $h 2>/dev/null
  printf '\n'
  cat "$d/events"
  printf '%s over %s\n' "$MARK" "$(cat "$d/state" 2>/dev/null || echo open)"
  if IFS= read -r word <&3 && [ "$word" = seen ]; then : >"$d/seen"; fi
}
