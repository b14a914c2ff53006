# A container that stands still for a copy. Included.

# thaw ENGINE CONTAINER WORK
# It goes on, where WORK/frozen says that it stands still because of us. 1: it does not.
thaw() {
  [ -e "$3/frozen" ] || return 0
  state=$("$1" container inspect --format '{{.State.Paused}}' "$2") || return 1
  [ "$state" != true ] || "$1" unpause "$2" >/dev/null || return 1
  rm -f "$3/frozen"
}
