# ROOT untagged|"" LINE...: is nothing left that no image needs, and no half of a push? With
# `untagged`, manifests that nothing with a tag needs count too. Exit code 0: nothing, 1: something,
# 2: the registry's program could not tell. LINE: that of the program which sweeps.
store=$1/docker/registry/v2 untagged=$2
shift 2
# shellcheck source=store_lib.sh
. ./store_lib.sh
[ -d "$store/repositories" ] || exit 0
[ -z "$(half_pushed)" ] || exit 1
[ -z "$untagged" ] || [ -z "$(untagged)" ] || exit 1
[ -d "$store/blobs" ] || exit 0
output=$("$@" --dry-run 2>&1) || {
  printf '%s\n' "$output" | tail -n 1 >&2
  exit 2
}
printf '%s\n' "$output" | grep -qE '(^|[^0-9])0 blobs (and 0 manifests )?eligible' || exit 1
