# fl_follow RUN
# The events of a run until its worker is gone, then all of them once more (the reader knows them by
# number), then what secret steps printed, then its state. The last event may be half written.
# When the reader answers `seen`, the run counts as seen, and what was kept of secrets goes; with
# `read` nothing changes. A reader who owns the run (LEASE, of SYSTEM) says `alive` meanwhile.
fl_follow() {
  follow_folder=$STATE_DIR/runs/$1
  tail -n +1 -f "$follow_folder/events" 2>/dev/null 3<&- &
  tail_pid=$!
  fl_heartbeat "$1" &
  heartbeat_pid=$!
  fl_hear_owner &
  owner_pid=$!
  [ ! -e "$BOOT_DIR/runs/$1/alive" ] || flock -x "$BOOT_DIR/runs/$1/alive" true
  kill $tail_pid $heartbeat_pid $owner_pid 2>/dev/null
  wait $tail_pid $heartbeat_pid $owner_pid 2>/dev/null
  echo
  sed '/^0 note /d' "$follow_folder/events"
  for kept in "$BOOT_DIR/kept/$1".*; do
    [ ! -f "$kept" ] || printf '0 keep %s %s .\n' "${kept##*.}" "$(fl_base64 "$kept")"
  done
  fl_read_state "$1"
  echo
  fl_report over "$RUN_STATE"
  while IFS= read -r reply <&3; do
    case $reply in
      seen)
        : >"$follow_folder/seen"
        rm -f "$BOOT_DIR/kept/$1".*
        ;;
      read) ;; # by somebody else than its owner
      # what is left of an `alive`, in the middle of which fl_hear_owner was killed
      *) continue ;;
    esac
    break
  done
}

# fl_hear_owner
# What the owner of the run says is a sign of his life, until it is killed or he is gone.
fl_hear_owner() {
  [ -n "${LEASE:-}" ] || return 0
  while IFS= read -r reply; do
    [ "$reply" != alive ] || fl_show_life "$SYSTEM" "$LEASE"
  done <&3
}
