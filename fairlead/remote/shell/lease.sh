# A lease says who works on a system of this host between transactions. Its file has a line each:
# run, who, since, what for, expires (epoch seconds).

# fl_is_leased LOCK RUN
# Whether a run other than RUN has a lease that is still good; sets HOLDER to the file that says
# whose. Exit: 0 yes, 1 no.
fl_is_leased() {
  HOLDER=$STATE_DIR/leases/$1
  [ -f "$HOLDER" ] || return 1
  {
    read -r lease_run && read -r _ && read -r _ && read -r _ && read -r expires
  } <"$HOLDER" || return 1
  [ "$lease_run" != "$2" ] && [ "$expires" -gt "$(date +%s)" ] 2>/dev/null
}

# fl_is_free LOCK RUN
# Whether this run may have the lock; else HOLDER is the file that says who has it. Exit: 0 yes.
fl_is_free() {
  fl_is_leased "$1" "$2" && return 1
  HOLDER=$BOOT_DIR/locks/$1
  [ ! -e "$HOLDER" ] || flock -n "$HOLDER" true
}

# fl_write_lease LOCK RUN WHO FOR SECONDS
# Exit: 0 written, else not (a full disk).
fl_write_lease() {
  printf '%s\n%s\n%s\n%s\n%s\n' "$2" "$3" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$4" \
    $(($(date +%s) + $5)) >"$STATE_DIR/leases/.$1.new" &&
    mv "$STATE_DIR/leases/.$1.new" "$STATE_DIR/leases/$1"
}

# fl_seconds_left LOCK
# Prints how long the lease in HOLDER lasts; 0: somebody works now, and holds it as long as he does.
fl_seconds_left() {
  ends=$(sed -n 5p "$HOLDER")
  if [ -n "$ends" ] && { [ ! -e "$BOOT_DIR/locks/$1" ] || flock -n "$BOOT_DIR/locks/$1" true; }; then
    echo $((ends - $(date +%s)))
  else
    echo 0
  fi
}

# fl_take_lease LOCK RUN WHO FOR SECONDS
# Takes or renews a lease (LEASED, LEASED_BY: which, and for which run), or tells the reader whose it
# is.
fl_take_lease() {
  exec 5>>"$BOOT_DIR/locks/.leases"
  flock -w 10 5 || fl_refuse "the list of leases has been locked for 10 s"
  if fl_is_free "$1" "$2"; then
    fl_write_lease "$@" ||
      fl_refuse "the lease could not be written: $(fl_why_unwritten "$STATE_DIR/leases")"
    # shellcheck disable=SC2034 # facts.sh reads them
    LEASED=$1 LEASED_BY=$2
    fl_report lease "$1" taken
  else
    fl_report lease "$1" held "$(fl_base64 "$HOLDER")" "$(fl_seconds_left "$1")"
  fi
  exec 5>&-
}

# fl_report_leases
# Every lease that is still good, to the reader.
fl_report_leases() {
  for lease in "$STATE_DIR"/leases/*; do
    if fl_is_leased "${lease##*/}" ""; then
      fl_report lease "${lease##*/}" held "$(fl_base64 "$lease")"
    fi
  done
}

# fl_release_lease LOCK RUN
# Gives a lease back if it is of RUN ("any": whoever has it).
fl_release_lease() {
  exec 5>>"$BOOT_DIR/locks/.leases"
  flock -w 10 5
  lease_run=
  [ ! -f "$STATE_DIR/leases/$1" ] || read -r lease_run <"$STATE_DIR/leases/$1"
  if [ "$2" = any ] || [ "$lease_run" = "$2" ]; then rm -f "$STATE_DIR/leases/$1"; fi
  exec 5>&-
}
