# What every program begins with. A name in capitals is shared between these files, or assigned by
# fairlead/remote/programs.py; sh knows no local variables, so functions that call each other use
# different names.
#
#   STATE_DIR  what lasts (disk): runs, backups, the journal
#   BOOT_DIR   what does not outlive a boot (tmpfs): programs, secrets
#   LOCK_DIR   what all users of the host share: leases and locks (locks.sh)
#   OWN_UID    who we are

# fl_read_uid
# Sets OWN_UID, by a process only where the kernel does not say it.
fl_read_uid() {
  while read -r key _ OWN_UID _; do
    [ "$key" != Uid: ] || return 0
  done 2>/dev/null </proc/self/status
  OWN_UID=$(id -u)
}

fl_read_uid
# shellcheck disable=SC2034 # locks.sh reads it
LOCK_DIR=/var/tmp/fairlead
if [ "$OWN_UID" = 0 ]; then
  STATE_DIR=/var/lib/fairlead BOOT_DIR=/run/fairlead
else
  # a user's own tmpfs goes away when he logs out, and a worker outlives that: hence a folder that
  # no other boot uses
  STATE_DIR=$(cd "${XDG_STATE_HOME:-$HOME}" 2>/dev/null && pwd -P) ||
    STATE_DIR=${XDG_STATE_HOME:-$HOME}
  [ -n "${XDG_STATE_HOME:-}" ] || STATE_DIR=$STATE_DIR/.local/state
  read -r node </proc/sys/kernel/hostname
  STATE_DIR=$STATE_DIR/fairlead/$node
  read -r boot </proc/sys/kernel/random/boot_id
  BOOT_DIR=$STATE_DIR/boot-$boot
fi

# fl_report WORD...
# One line to the reader, behind our mark: a line of its own, whatever the login shell has printed
# before it without an end.
fl_report() {
  printf '\n%s %s\n' "$MARK" "$*"
}

# fl_read_date
# Sets EPOCH (seconds) and UTC to the time, which a process tells once a second at most.
DATE_READ_AT=
fl_read_date() {
  read -r uptime _ </proc/uptime
  [ "${uptime%.*}" != "$DATE_READ_AT" ] || return 0
  DATE_READ_AT=${uptime%.*}
  # shellcheck disable=SC2046 # two words
  set -- $(date -u '+%s %Y-%m-%dT%H:%M:%SZ')
  # shellcheck disable=SC2034 # the other files read them
  EPOCH=$1 UTC=$2
}

# fl_create FILE
# Makes an empty file. Exit: 0 it is made, else it was there before, or cannot be.
# A command like `:` would end the shell where it fails.
fl_create() {
  set -C
  { true >"$1"; } 2>/dev/null
  created=$?
  set +C
  return $created
}

# fl_base64 FILE
# Prints the content of a file as one word.
fl_base64() {
  base64 <"$1" | tr -d '\n'
}

# fl_refuse WHY
# Ends the program (exit 0) and tells the reader why.
fl_refuse() {
  fl_report refused "$(printf %s "$1" | base64 | tr -d '\n')"
  exit 0
}

# fl_why_unwritten FOLDER
# Prints why nothing can be written there: No space left on device.
fl_why_unwritten() {
  why_unwritten=$({ head -c 4096 /dev/zero >"$1/.room"; } 2>&1)
  rm -f "$1/.room"
  why_unwritten=${why_unwritten##*: }
  printf '%s\n' "${why_unwritten:-is the disk full?}"
}

# fl_check_owner FOLDER
# Refuses where the folder or one above it is a link or somebody else's.
fl_check_owner() {
  path=$1
  while [ -n "$path" ]; do
    [ ! -h "$path" ] || fl_refuse "$path is a symbolic link"
    [ ! -e "$path" ] || [ -O "$path" ] || [ "$(stat -c %u "$path")" = 0 ] ||
      fl_refuse "$path belongs to somebody else"
    path=${path%/*}
  done
}

# fl_make_folders
# Makes the folders below STATE_DIR and BOOT_DIR, and removes those of earlier boots. Refuses where
# that cannot be, or cannot be trusted. What takes a process is looked at once: the file `checked` is
# left there.
fl_make_folders() {
  for folder in "$STATE_DIR" "$BOOT_DIR"; do
    fl_check_owner "$folder"
    [ -d "$folder" ] || mkdir -p "$folder" 2>/dev/null || fl_refuse "$folder cannot be made"
    [ -O "$folder" ] || fl_refuse "$folder belongs to somebody else"
    [ -e "$folder/checked" ] || fl_close_folder "$folder"
  done
  case $BOOT_DIR in
    "$STATE_DIR"/*)
      for folder in "$STATE_DIR"/boot-*; do
        [ "$folder" = "$BOOT_DIR" ] || rm -rf "${folder:?}"
      done
      ;;
  esac
  for folder in "$STATE_DIR/runs" "$STATE_DIR/backups" "$BOOT_DIR/runs" "$BOOT_DIR/kept"; do
    # two may come first at once
    [ -d "$folder" ] || mkdir "$folder" 2>/dev/null || [ -d "$folder" ] ||
      fl_refuse "$folder cannot be made"
  done
}

# fl_close_folder FOLDER
# Nobody else reads in it. Refuses where it lies on NFS; a full disk is noticed by who writes there.
fl_close_folder() {
  chmod 0700 "$1"
  case $(stat -f -c %T "$1" 2>/dev/null) in
    nfs*) fl_refuse "$1 lies on NFS, where locks and fsync cannot be trusted" ;;
  esac
  { true >"$1/checked"; } 2>/dev/null
}

# fl_is_alive RUN
# Whether the worker of a run lives: it holds a shared lock; who asks holds his own for an instant.
# Exit: 0 yes, else no.
fl_is_alive() {
  [ -e "$BOOT_DIR/runs/$1/alive" ] && ! flock -w 0.1 -x 4 4<"$BOOT_DIR/runs/$1/alive"
}
