# ROOT: pScheduler has the password of the database that the new image brings.
set -eu
from=$1/current/.defaults/etc/pscheduler/database to=$1/current/etc/pscheduler/database
if [ -d "$from" ]; then
  rm -rf "$to"
  cp -a "$from" "$to"
fi
rm -f "$1/postgresql"
