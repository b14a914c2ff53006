# PROGRAM CONFIG ROOT [untagged]: is nothing left that no image needs, and no half of a push? With
# `untagged`, manifests that nothing with a tag needs count too. Exit code 0: nothing, 1: something,
# 2: the registry's program could not tell.
program=$1 config=$2 store=$3/docker/registry/v2 untagged=$4
# shellcheck source=store_lib.sh
. ./store_lib.sh
[ -d "$store/repositories" ] || exit 0
[ -z "$(half_pushed)" ] || exit 1
[ -z "$untagged" ] || [ -z "$(untagged)" ] || exit 1
[ -d "$store/blobs" ] || exit 0
output=$("$program" garbage-collect --dry-run "$config" 2>&1) || {
  printf '%s\n' "$output" | tail -n 1 >&2
  exit 2
}
printf '%s\n' "$output" | grep -qE '(^|[^0-9])0 blobs (and 0 manifests )?eligible' || exit 1
