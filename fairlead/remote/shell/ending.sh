# The end of a run: its state, the journal, its lease.

# fl_end STATE
# The end of the run, on the disk first.
fl_end() {
  [ -z "${DEAD_MAN:-}" ] || fl_dismiss_dead_man
  fl_write_state "$1"
  if [ -z "$DRY" ]; then
    [ -z "$OPENED" ] || sync "$RUN_DIR/state" 2>/dev/null || sync
    fl_journal "$1"
    if [ -n "$RELEASE$CANCELLED" ]; then
      fl_release_lease "$SYSTEM" "$LEASE"
    elif [ "$1" != locked ]; then
      fl_prolong_lease "$SYSTEM" "$LEASE" "$WHO" "$FOR" "$SECONDS_OF_LEASE"
    fi
  fi
  fl_event end "$1"
}

# fl_journal STATE
# One line, in one write, chained to the one before: behind a tab stands the sha256 of what stands
# there in the line before, and of this line. The last of them lies in journal.last too, so that a
# line that is taken away is missed also at the end; behind it the length of the journal. One worker
# at a time. A line before that was cut short is ended, and marked so, in the same write.
fl_journal() {
  journal=$STATE_DIR/journal link='' length='' cut='' added=0
  [ ! -e "$STATE_DIR/checked" ] || { exec 5<"$STATE_DIR/checked" && flock -w 10 5; }
  fl_read_date
  entry="$UTC $RUN $SYSTEM $1 $WHO $FOR"
  [ ! -f "$journal.last" ] || { read -r link && read -r length; } <"$journal.last"
  ! fl_is_cut "$journal" || { cut='\tcut\n' added=5 length=''; }
  fl_rotate_journal
  [ -f "$journal" ] || { cut='' added=0 && : >"$journal" && chmod 0640 "$journal"; }
  link=$(
    exec sha256sum 2>/dev/null <<END
$link
$entry
END
  )
  link=${link%% *}
  length=$((${length:-0} + added + ${#entry} + ${#link} + 2))
  # in place: no moment at which it is empty
  # shellcheck disable=SC2059 # nothing of somebody else's is in that format
  printf "$cut%s\t%s\n" "$entry" "$link" >>"$journal" &&
    printf '%s\n' "$link" "$length" 1<>"$journal.last"
  [ -z "$SYSLOG" ] || fl_copy_entry
  case $1.$RELEASE in changed.* | ok.?*) fl_note_change ;; esac
  exec 5<&-
}

# fl_is_cut FILE
# Exit: 0 its last line has no end: the disk was full, or its writer was ended within it.
fl_is_cut() {
  [ -s "$1" ] && ! tail -c 1 "$1" | read -r _
}

# fl_copy_entry
# The entry goes to syslog too, or to journald where that has its socket; the reader is told where it
# cannot. An older logger knows none of these options, and does not say whether it was heard.
fl_copy_entry() {
  why_uncopied='there is no socket /dev/log'
  if [ -S /dev/log ]; then
    why_uncopied=$(logger --socket-errors=on -u /dev/log -t fairlead -- "$entry" 2>&1) && return
    case $why_uncopied in
      *nrecognized* | *nvalid*) why_uncopied=$(logger -t fairlead -- "$entry" 2>&1) && return ;;
    esac
  fi
  fl_event uncopied "$(printf '%s\n' "$why_uncopied" | base64 | tr -d '\n')"
}

# fl_rotate_journal
# Of a journal of 1 MiB, or that was begun in another month, a new one is begun; the old ones stay,
# journal.1 is the oldest.
fl_rotate_journal() {
  [ -s "$journal" ] || { length=0 && return; }
  [ -n "$length" ] || length=$(wc -c <"$journal")
  read -r begun _ <"$journal"
  case $begun in "${UTC%-*}"-*) [ "$length" -ge 1048576 ] || return 0 ;; esac
  piece=1
  while [ -e "$journal.$piece" ]; do piece=$((piece + 1)); done
  mv "$journal" "$journal.$piece"
  length=0
}

# fl_note_change
# This was the last change of SUBJECT here, or found that it needs none. In place, as above: who reads
# it reads one line.
fl_note_change() {
  [ -z "$SUBJECT" ] || printf '%s\n' "$entry" 1<>"$STATE_DIR/changed.$SUBJECT"
}
