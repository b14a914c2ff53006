# The copy that a change kept becomes the state of the version before, and back. Included.

# replace_previous ROOT
# ROOT/kept becomes ROOT/previous, if there is a copy; what was previous waits in ROOT/before.
replace_previous() {
  rm -rf "$1/before"
  if [ -d "$1/previous" ]; then mv "$1/previous" "$1/before"; fi
  if [ -d "$1/kept" ]; then mv "$1/kept" "$1/previous"; fi
}

# clear_notes ROOT
# Nothing is left of a change that is over.
clear_notes() { rm -rf "$1/before" "$1/remembered" "$1/arriving" || :; }

# restore_previous ROOT COPIED
# Each is where it was. COPIED: "" where there was no copy of the state.
restore_previous() {
  if [ -n "$2" ] && [ ! -d "$1/kept" ]; then mv "$1/previous" "$1/kept" || exit 1; fi
  if [ -d "$1/before" ] && [ ! -d "$1/previous" ]; then mv "$1/before" "$1/previous"; fi
}
