# copy_frozen ENGINE CONTAINER ROOT WORK
# WORK/state.tar becomes all of ROOT/current, as it is at one moment: a container that runs stands still
# meanwhile, and WORK/frozen says so. What that leaves is what a power cut leaves, and databases bear it.
set -eu
# shellcheck source=frozen_lib.sh
. ./frozen_lib.sh
umask 077
engine=$1 container=$2 root=$3 work=$4
mkdir -p "$work"
runs=$("$engine" container inspect --format '{{.State.Running}} {{.State.Paused}}' "$container")
if [ "$runs" = "true false" ]; then
  : >"$work/frozen"
  "$engine" pause "$container" >/dev/null
fi
tar -C "$root/current" -cf "$work/state.tar" --numeric-owner .
thaw "$engine" "$container" "$work"
