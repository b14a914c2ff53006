# PROGRAM CONFIG ROOT [--delete-untagged]: is nothing left that no image needs? Exit code 0:
# nothing, 1: something, 2: the registry's program could not tell.
program=$1 config=$2 root=$3 untagged=$4
[ -d "$root/docker/registry/v2/repositories" ] || exit 0
output=$("$program" garbage-collect --dry-run ${untagged:+"$untagged"} "$config" 2>&1) || {
  printf '%s\n' "$output" | tail -n 1 >&2
  exit 2
}
printf '%s\n' "$output" | grep -qE '(^|[^0-9])0 blobs (and 0 manifests )?eligible' || exit 1
