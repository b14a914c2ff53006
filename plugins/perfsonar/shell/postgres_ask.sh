# ENGINE CONTAINER IMAGE ROOT keep|fresh yes|no(has a dump): is the PostgreSQL of the new image of
# another major version than the data? Then ROOT/postgresql says so, and what becomes of the data is
# printed. 1: its data could not be kept, though it is to be.
set -eu
# shellcheck source=postgres_lib.sh
. ./postgres_lib.sh
umask 077
engine=$1 container=$2 image=$3 root=$4 mode=$5 dumped=$6
rm -f "$root/postgresql"
old=$(major_here "$engine" "$container" "$root")
new=$(major_of_image "$engine" "$image")
if [ -z "$old" ] || [ -z "$new" ]; then
  echo "PostgreSQL of the data: ${old:-not known}, of the new image: ${new:-not known}; health decides"
  exit 0
fi
[ "$old" != "$new" ] || exit 0
case $mode$dumped in
  keepno)
    echo "PostgreSQL $old becomes $new, and there is no dump of the old one's database to load: start it, without --skip-dump; or database: fresh in the site begins anew" >&2
    exit 1
    ;;
  keep*) echo "PostgreSQL $old becomes $new: its dump is loaded into a new database; what is measured from now on until the stop is lost" ;;
  *) echo "PostgreSQL $old becomes $new: a new database begins; results and scheduled tests are lost, limits and configuration stay" ;;
esac
mkdir -p "$root"
echo "$old $new" >"$root/postgresql"
