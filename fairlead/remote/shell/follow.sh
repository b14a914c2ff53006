# Seconds in which a short run ends by itself, before processes are started that tell of it meanwhile.
SHORT=0.1

# fl_follow RUN
# The events of a run until its worker is gone, then all of them once more (the reader knows them by
# number), then what secret steps printed, then its state. The last event may be half written.
# When the reader answers `seen`, the run counts as seen, and what was kept of secrets goes; with
# `read` nothing changes. A reader who owns the run (LEASE, of SYSTEM) says `alive` meanwhile.
fl_follow() {
  follow_folder=$STATE_DIR/runs/$1
  fl_await_worker "$1" -w "$SHORT" || fl_watch "$1"
  echo
  sed '/^0 note /d' "$follow_folder/events"
  kept_here=
  for kept in "$BOOT_DIR/kept/$1".*; do
    [ -f "$kept" ] || continue
    kept_here=1
    printf '0 keep %s %s .\n' "${kept##*.}" "$(fl_base64 "$kept")"
  done
  fl_read_state "$1"
  echo
  fl_report over "$RUN_STATE"
  while IFS= read -r reply <&3; do
    case $reply in
      seen)
        : >"$follow_folder/seen"
        [ -z "$kept_here" ] || rm -f "$BOOT_DIR/kept/$1".*
        ;;
      read) ;; # by somebody else than its owner
      # what is left of an `alive`, in the middle of which fl_hear_owner was killed
      *) continue ;;
    esac
    break
  done
}

# fl_await_worker RUN [-w SECONDS]
# Exit: 0 its worker has gone; else it has not within so long.
fl_await_worker() {
  alive_file=$BOOT_DIR/runs/$1/alive
  shift
  [ ! -e "$alive_file" ] || flock -x "$@" 4 4<"$alive_file"
}

# fl_watch RUN
# The events of a run as they come, signs of life of the host, and those of the reader, until its
# worker is gone.
fl_watch() {
  tail -n +1 -f "$follow_folder/events" 2>/dev/null 3<&- &
  tail_pid=$!
  fl_heartbeat "$1" &
  heartbeat_pid=$!
  fl_hear_owner &
  owner_pid=$!
  fl_await_worker "$1"
  fl_end_children $tail_pid $heartbeat_pid $owner_pid
}

# fl_hear_owner
# What the owner of the run says is a sign of his life, until it is killed or he is gone.
fl_hear_owner() {
  [ -n "${LEASE:-}" ] || return 0
  while IFS= read -r reply; do
    [ "$reply" != alive ] || fl_show_life "$SYSTEM" "$LEASE"
  done <&3
}
