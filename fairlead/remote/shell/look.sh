# Before a worker is put on the host: where every step of a transaction has a question, they are asked
# here, with its locks held. Where all is as it should be, the run ends by that; whatever else comes of
# it, a worker does the transaction as if nobody had looked. programs.py makes fl_ask_all and
# fl_write_about.
# shellcheck disable=SC2034 # ending.sh reads them
OPENED='' CANCELLED=''

# fl_look
# Exit: 0 the run has ended: every step was so already; 1 that is not known.
fl_look() {
  trap : HUP INT TERM PIPE
  look_code=1
  if fl_take_locks && clocks=$(fl_ask_all 8>&-) && ! fl_is_cancelled; then
    # shellcheck disable=SC2086 # a word for each reading of the clock
    fl_end_unchanged $clocks
    look_code=0
  fi
  exec 7<&- 9<&-
  trap - HUP INT TERM PIPE
  return $look_code
}

# fl_take_locks
# Exit: 0 the locks of the transaction are ours, as is the lease, and everybody may read that.
fl_take_locks() {
  fl_open_locks
  flock -n "$HOSTLOCK" 7 && flock -n -x 9 && ! fl_is_leased "$SYSTEM" "$LEASE" && fl_publish_worker
}

# fl_end_unchanged CLOCK...
# Notes what a worker would have noted. CLOCK: centiseconds since boot, before and after each question.
fl_end_unchanged() {
  fl_read_date
  fl_event start "$EPOCH"
  looked_at=0
  while [ $# -gt 1 ]; do
    looked_at=$((looked_at + 1))
    fl_event begin $looked_at
    fl_event step $looked_at ok 0 $((($2 - $1) * 10)) ""
    shift
  done
  fl_end ok
  fl_write_about
  fl_tidy
}
