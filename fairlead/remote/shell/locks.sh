# What all users of this host share, so that root and a user who may use the engine never work on one
# system at once. In LOCK_DIR, as in /tmp, everybody makes files of his own, for all to read:
#
#   SYSTEM.lock       the kernel's lock, which dies with the worker that holds it; .host.lock: that of
#                     the engine and the network
#   SYSTEM.lease.UID  a lease (lease.sh)   SYSTEM.worker.UID  who has, or last had, the lock
#
# A file of somebody else is opened for reading alone: in such a folder the kernel
# (fs.protected_regular) lets nobody open it in a way that could make it.

# fl_make_lock_folder
# Makes LOCK_DIR. Refuses where it is not there for all.
fl_make_lock_folder() {
  [ -d "$LOCK_DIR" ] || mkdir -m 1777 "$LOCK_DIR" 2>/dev/null
  [ "$OWN_UID" != 0 ] || [ -O "$LOCK_DIR" ] || [ -h "$LOCK_DIR" ] || chown 0:0 "$LOCK_DIR" 2>/dev/null
  if [ -h "$LOCK_DIR" ] || [ ! -d "$LOCK_DIR" ] || [ ! -w "$LOCK_DIR" ]; then
    fl_refuse "$LOCK_DIR is no folder in which all users of this host can lock (mode 1777)"
  fi
}

# fl_lock_file LOCK
# Sets LOCK_FILE to the file of this lock.
fl_lock_file() {
  LOCK_FILE=$LOCK_DIR/$1.lock
  [ -e "$LOCK_FILE" ] || (umask 022 && : >>"$LOCK_FILE") 2>/dev/null
  if [ -h "$LOCK_FILE" ] || [ ! -f "$LOCK_FILE" ] || [ ! -r "$LOCK_FILE" ]; then
    fl_refuse "$LOCK_FILE cannot be read"
  fi
}

# fl_is_locked LOCK
# Exit: 0 a worker of any user holds it, else none does.
fl_is_locked() {
  LOCK_FILE=$LOCK_DIR/$1.lock
  [ -r "$LOCK_FILE" ] && ! flock -n 4 4<"$LOCK_FILE"
}

# fl_open_locks
# Opens the lock of the host on descriptor 7, that of SYSTEM on 9.
fl_open_locks() {
  fl_lock_file .host
  exec 7<"$LOCK_FILE"
  fl_lock_file "$SYSTEM"
  exec 9<"$LOCK_FILE"
}

# fl_publish NAME LINE...
# Writes a file of ours in LOCK_DIR for all to read. Exit: 0 written, else not (a full disk).
fl_publish() {
  published=$LOCK_DIR/$1.$OWN_UID new_file=$LOCK_DIR/.new.$MARK
  shift
  if fl_write_new "$new_file" "$@"; then
    mv -f "$new_file" "$published" && return
  fi
  rm -f "$new_file"
  return 1
}

# fl_publish_worker
# Says who has the lock of SYSTEM: this run.
fl_publish_worker() {
  fl_read_date
  fl_publish "$SYSTEM.worker" "$RUN" "$WHO" "$UTC" "$FOR"
}

# fl_write_new FILE LINE...
# Writes a file for all to read that nobody else has made. Exit: 0 written, else not.
fl_write_new() {
  umask 022
  fl_create "$1"
  create_code=$?
  umask 077
  [ $create_code = 0 ] || return 1
  written=$1
  shift
  printf '%s\n' "$@" 2>/dev/null >"$written"
}

# fl_worker_of LOCK
# Sets HOLDER to the file that says who has the lock.
fl_worker_of() {
  HOLDER=
  for worker_file in "$LOCK_DIR/$1".worker.*; do
    if [ ! -f "$worker_file" ] || [ -h "$worker_file" ]; then continue; fi
    if [ -z "$HOLDER" ] || [ -n "$(find "$worker_file" -newer "$HOLDER")" ]; then
      HOLDER=$worker_file
    fi
  done
}

# fl_holder
# Prints what HOLDER says, as one word.
fl_holder() {
  head -c 4096 "$HOLDER" 2>/dev/null | base64 | tr -d '\n'
}
