# has_old_nvme_names PLACE...: has no daos_nvme.conf a name that came with 2.8? (nvme_names.sh)
#
# Exit codes: 0 none has; 1 one has; 3 a device could not be mounted.

# shellcheck source=nvme_names.sh
. ./nvme_names.sh
is_old() { ! grep -q '"vmd_enable"\|"transport_retry_count"' "$1"; }
each is_old "$@"
