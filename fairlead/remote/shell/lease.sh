# A lease says who works on a system of this host between transactions. Its file has a line each:
# run, who, since, what for, expires (epoch seconds), and how far he is: `taking` leases of other
# hosts, or `working`. The time of the file is that of its owner's last sign of life.

# fl_is_leased LOCK RUN
# Whether a run other than RUN has a lease that is still good; sets HOLDER to the file that says
# whose. Exit: 0 yes, 1 no.
fl_is_leased() {
  for HOLDER in "$LOCK_DIR/$1".lease.*; do
    fl_is_good "$2" && return
  done
  return 1
}

# fl_is_good RUN
# Exit: 0 HOLDER is the lease of a run other than RUN, and has not expired, else it is not.
fl_is_good() {
  [ -f "$HOLDER" ] && [ ! -h "$HOLDER" ] || return 1
  { read -r lease_run && read -r _ && read -r _ && read -r _ && read -r expires; } <"$HOLDER" ||
    return 1
  [ "$lease_run" != "$1" ] && fl_read_date && [ "$expires" -gt "$EPOCH" ] 2>/dev/null
}

# fl_is_free LOCK RUN
# Whether this run may have the lock; else HOLDER is the file that says who has it. Exit: 0 yes.
fl_is_free() {
  fl_is_leased "$1" "$2" && return 1
  fl_is_locked "$1" || return 0
  fl_worker_of "$1"
  return 1
}

# fl_write_lease LOCK RUN WHO FOR SECONDS taking|working
# Exit: 0 written, else not (a full disk). It is since when it was first written.
fl_write_lease() {
  fl_read_date
  fl_has_lease "$1" "$2" || SINCE=$UTC
  fl_publish "$1.lease" "$2" "$3" "$SINCE" "$4" $((EPOCH + $5)) "$6"
}

# fl_has_lease LOCK RUN
# Whether our lease is that of RUN; sets SINCE to when it was first written. Exit: 0 yes, 1 no.
fl_has_lease() {
  own_run='' SINCE=''
  { read -r own_run && read -r _ && read -r SINCE; } 2>/dev/null <"$LOCK_DIR/$1.lease.$OWN_UID"
  [ "$own_run" = "$2" ]
}

# fl_prolong_lease LOCK RUN WHO FOR SECONDS
# What a worker does for its run: that it works is no sign of life of the run's owner.
fl_prolong_lease() {
  sign_file=$WORK_DIR/sign
  ! fl_has_lease "$1" "$2" || touch -r "$LOCK_DIR/$1.lease.$OWN_UID" "$sign_file"
  fl_write_lease "$@" working
  [ ! -e "$sign_file" ] || touch -c -r "$sign_file" "$LOCK_DIR/$1.lease.$OWN_UID"
}

# fl_show_life LOCK RUN
# A sign of life of the owner of RUN, whose worker may give the lease back at this moment.
fl_show_life() {
  ! fl_has_lease "$1" "$2" || touch -c "$LOCK_DIR/$1.lease.$OWN_UID"
}

# fl_silence
# Prints for how many seconds the owner of the lease in HOLDER has given no sign of life.
fl_silence() {
  fl_read_date
  sign=$(stat -c %Y "$HOLDER" 2>/dev/null) && [ "$sign" -lt "$EPOCH" ] || sign=$EPOCH
  echo $((EPOCH - sign))
}

# fl_report_holder LOCK
# Whose the lease in HOLDER is, to the reader: how long it lasts, its owner's silence, how far he is.
fl_report_holder() {
  fl_report lease "$1" held "$(fl_holder)" "$(fl_seconds_left "$1")" "$(fl_silence)" \
    "$(sed -n 6p "$HOLDER")"
}

# fl_seconds_left LOCK
# Prints how long the lease in HOLDER lasts; 0: somebody works now, and holds it as long as he does.
fl_seconds_left() {
  ends=$(sed -n 5p "$HOLDER")
  if [ -n "$ends" ] && ! fl_is_locked "$1"; then
    fl_read_date
    echo $((ends - EPOCH))
  else
    echo 0
  fi
}

# fl_open_leases
# Takes the lock of the list of leases, on descriptor 5.
fl_open_leases() {
  fl_make_lock_folder
  fl_lock_file .leases
  exec 5<"$LOCK_FILE"
  flock -w 10 5 || fl_refuse "the list of leases has been locked for 10 s"
}

# fl_take_lease LOCK RUN WHO FOR SECONDS taking|working
# Takes a lease (LEASED, LEASED_BY: which, and for which run), or tells the reader whose it is.
fl_take_lease() {
  fl_open_leases
  fl_hold_lease "$@"
  exec 5>&-
}

# fl_renew_lease LOCK RUN WHO FOR SECONDS taking|working
# The same for a lease that is ours; one that was given back meanwhile stays so.
fl_renew_lease() {
  fl_open_leases
  ! fl_has_lease "$1" "$2" || fl_hold_lease "$@"
  exec 5>&-
}

# fl_hold_lease LOCK RUN WHO FOR SECONDS taking|working
# What both do once the list of leases is locked.
fl_hold_lease() {
  if fl_is_free "$1" "$2"; then
    fl_write_lease "$@" ||
      fl_refuse "the lease could not be written: $(fl_why_unwritten "$LOCK_DIR")"
    # shellcheck disable=SC2034 # facts.sh reads them
    LEASED=$1 LEASED_BY=$2
    fl_report lease "$1" taken
  else
    fl_report_holder "$1"
  fi
}

# fl_report_leases
# Every lease that is still good, to the reader.
fl_report_leases() {
  for HOLDER in "$LOCK_DIR"/*.lease.*; do
    if fl_is_good ""; then
      lock=${HOLDER##*/}
      fl_report_holder "${lock%.lease.*}"
    fi
  done
}

# fl_release_lease LOCK RUN
# Gives a lease back if it is of RUN ("any": whoever has it). Exit: 0 it is given back, or there is
# none; 1 it is another user's, and only he and root can.
fl_release_lease() {
  fl_open_leases
  release_code=0
  for lease in "$LOCK_DIR/$1".lease.*; do
    [ -f "$lease" ] || continue
    lease_run=
    read -r lease_run <"$lease"
    if [ "$2" = any ] || [ "$lease_run" = "$2" ]; then
      rm -f "$lease" 2>/dev/null || release_code=1
    fi
  done
  exec 5>&-
  return $release_code
}
