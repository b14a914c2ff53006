# fl_make_temporary [PARENT]
# Sets TEMPORARY to a new folder that can be written to, which is gone when the program ends, however
# it ends: in PARENT, else in a folder of ours where there is one, else where such files usually lie.
# Refuses where there can be none.
fl_make_temporary() {
  TEMPORARY=
  trap 'exit 1' HUP INT TERM PIPE
  trap '[ -z "$TEMPORARY" ] || rm -rf "$TEMPORARY"' EXIT
  if [ -n "${1:-}" ]; then
    fl_try_temporary "$1" || fl_refuse "no temporary file can be written in $1 (is it full?)"
  elif ! fl_is_ours "$BOOT_DIR" || ! fl_try_temporary "$BOOT_DIR"; then
    fl_try_temporary "${TMPDIR:-/tmp}" || fl_try_temporary /dev/shm ||
      fl_refuse "no temporary file can be written in $BOOT_DIR or ${TMPDIR:-/tmp} (is it full?)"
  fi
}

# fl_is_ours FOLDER
# Whether it is there, and no link and nobody else's. Exit: 0 yes, 1 no.
fl_is_ours() {
  [ -d "$1" ] && [ ! -h "$1" ] && [ -O "$1" ]
}

# fl_try_temporary PARENT
# Exit: 0 TEMPORARY is a new folder there with room in it, 1 there is none.
fl_try_temporary() {
  TEMPORARY=$(mktemp -d "$1/fairlead.XXXXXX" 2>/dev/null) && fl_has_room begin && return
  [ -z "$TEMPORARY" ] || rm -rf "$TEMPORARY"
  TEMPORARY=
  return 1
}

# fl_has_room WHEN
# Whether TEMPORARY takes 64 KiB more than WHEN it was last looked at. Exit: 0 yes, else no.
fl_has_room() {
  head -c 65536 /dev/zero 2>/dev/null >"$TEMPORARY/room.$1"
}
