# backup ENGINE CONTAINER WORK FOLDER NAME SYSTEM COMPONENT HOST
# What lies in WORK (state.tar, and dump where there is one) becomes FOLDER/NAME-backup-TIME.tar, whole or
# not at all, readable by us alone; prints where. In it lies first `manifest`: lines
# KEY VALUE, and a digest of each file.
set -eu
# shellcheck source=backup_lib.sh
. ./backup_lib.sh
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
umask 077
engine=$1 container=$2 work=$3 folder=$4 name=$5 system=$6 component=$7 host=$8
time=$(date -u +%Y%m%dT%H%M%SZ)
file=$folder/$name-backup-$time.tar
trap 'rm -f "$file.new"' EXIT
cd "$work"
set -- state.tar
[ ! -e dump ] || set -- state.tar dump
for part; do gzip -1 "$part"; done
{
  printf 'backup 1\nsystem %s\ncomponent %s\nhost %s\n' "$system" "$component" "$host"
  printf 'container %s\ntime %s\n' "$name" "$time"
  image_lines "$engine" "$container"
  for part; do printf 'sha256 %s\n' "$(sha256sum "$part.gz")"; done
} >manifest
tar -cf "$file.new" manifest state.tar.gz ${2:+dump.gz}
flush "$file.new"
mv "$file.new" "$file"
cd /
rm -rf "$work"
echo "$file"
