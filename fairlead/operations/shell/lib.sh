# What programs of several folders share. Included; it does nothing by itself.

# retry TIMES SECONDS COMMAND...
# Repeat a command until it ends with 0, with a pause after each failure. 1: it failed TIMES times.
retry() {
  tries=$1 pause=$2
  shift 2
  until "$@"; do
    [ $((tries -= 1)) -gt 0 ] || return 1
    sleep "$pause"
  done
}

# container_id ENGINE FILTER
# Prints the whole ID of the container that a name filter means, running or not; nothing for none.
container_id() { "$1" container ls -aq --no-trunc --filter "$2"; }

# image_digests ENGINE IMAGE
# Prints NAME@DIGEST of an image for each registry that it came from, one a line.
image_digests() { "$1" image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$2"; }

# flush FILE-OR-FOLDER
# What was written reaches the disk; an old sync, which takes no names, writes everything.
flush() { sync "$1" 2>/dev/null || sync; }

# write_whole FILE COMMAND...
# What a command prints becomes FILE, whole or not at all. 1: the command failed.
write_whole() {
  target=$1
  shift
  "$@" >"$target.new" || { rm -f "$target.new"; return 1; }
  flush "$target.new"
  mv "$target.new" "$target"
}

# has_lost ENGINE IMAGE
# Does the engine answer, and has no image of this ID or name any more?
has_lost() {
  ! "$1" image inspect "$2" >/dev/null 2>&1 && "$1" image ls -q >/dev/null
}

# loses_images ENGINE
# Does it lose an image with its last name? So Docker does where containerd keeps its images, though a
# container runs on it; elsewhere one without a name stays. 0 yes, 1 no, 2 the engine does not answer.
loses_images() {
  [ "$1" = docker ] || return 1
  stored=$("$1" info --format '{{json .DriverStatus}}') || return 2
  case $stored in *io.containerd.snapshotter*) ;; *) return 1 ;; esac
}
