# fl_make_temporary [PARENT]
# Sets TEMPORARY to a new folder, which is gone when the program ends, however it ends. Refuses
# where there can be none.
fl_make_temporary() {
  TEMPORARY=$(mktemp -d ${1:+-p "$1"}) || fl_refuse "no folder for temporary files${1:+ $1}"
  trap 'exit 1' HUP INT TERM PIPE
  trap 'rm -rf "${TEMPORARY:?}"' EXIT
}
