# What goes with a container when it goes. Included.
# shellcheck source=changes_lib.sh
. ./changes_lib.sh

# inside ENGINE CONTAINER VOLUMES PATH...
# Sets `changes`, `files` (of its own layer, without the first /) and `nameless` (the paths of its
# volumes without a name, where VOLUMES is "volumes" and no PATH is one of them). 1: no answer.
# shellcheck disable=SC2034 # `changes` is read where it is included
inside() {
  engine=$1 container=$2 with=$3
  shift 3
  changes=$(changes "$engine" "$container" "$@") || return 1
  files=$(printf '%s\n' "$changes" | sed -n 's,^[AC] /,,p')
  nameless=
  [ "$with" = volumes ] || return 0
  mounts=$("$engine" container inspect --format '{{range .Mounts}}{{println .Type .Name .Destination}}{{end}}' "$container") || return 1
  nameless=$(printf '%s\n' "$mounts" | sed -n 's/^volume [0-9a-f]\{64\} //p')
  for path; do nameless=$(printf '%s\n' "$nameless" | grep -vxF "$path"); done
  return 0
}
