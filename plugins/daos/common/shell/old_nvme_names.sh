# old_nvme_names PLACE...: the names in each daos_nvme.conf are those of before 2.8. (nvme_names.sh)
#
# Whole or not at all, owner and mode as they were.
# Exit codes: 0; 1 a file could not be written; 3 a device could not be mounted.

# shellcheck source=nvme_names.sh
. ./nvme_names.sh
rename_in() {
  new=$1.fairlead-new
  cp -p "$1" "$new" || return 1
  sed 's/"vmd_enable"/"enable_vmd"/g; s/"transport_retry_count"/"retry_count"/g' "$1" >"$new" &&
    mv -f "$new" "$1"
}
each rename_in "$@"
