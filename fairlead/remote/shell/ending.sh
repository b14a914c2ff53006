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
# One line, in one write.
fl_journal() {
  journal=$STATE_DIR/journal
  [ ! -f "$journal" ] || [ "$(wc -c <"$journal")" -lt 1048576 ] || mv "$journal" "$journal.1"
  [ -f "$journal" ] || { : >"$journal" && chmod 0640 "$journal"; }
  fl_read_date
  printf '%s %s %s %s %s %s\n' "$UTC" "$RUN" "$SYSTEM" "$1" "$WHO" "$FOR" >>"$journal"
}
