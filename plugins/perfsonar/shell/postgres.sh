# ENGINE CONTAINER ROOT: prints the major version of PostgreSQL that the data of the test point is of,
# then the MiB of the database, of all state, and those free where it lies; 0 for what is not known.
# Of a container with no state on the host its files inside are asked.
# shellcheck source=postgres_lib.sh
. ./postgres_lib.sh
exec 2>/dev/null
engine=$1 container=$2 root=$3
mib() { du -sm "$@" | awk '{ sum += $1 } END { print sum + 0 }'; }

printf '%s\n' "$(major_here "$engine" "$container" "$root")"
if [ -d "$root/current" ]; then
  mib "$root/current/var/lib/postgresql" "$root/current/var/lib/pgsql"
  mib "$root/current"
else
  "$engine" exec "$container" du -sm /var/lib/postgresql | cut -f1 | grep . || echo 0
  echo 0
fi
place=$root
while [ ! -d "$place" ]; do place=${place%/*}; place=${place:-/}; done
df -Pm "$place" | awk 'NR == 2 { print $4 }'
