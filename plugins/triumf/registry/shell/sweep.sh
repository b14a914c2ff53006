# PROGRAM CONFIG SERVICE ROOT [untagged]: takes away what no image needs, and halves of pushes to
# which nobody wrote when it began; with `untagged` first the manifests that nothing with a tag
# needs. (The program's own --delete-untagged takes the parts of images for several machines.) The
# service is stopped meanwhile: nobody pushes, or what is half pushed would be swept too.
program=$1 config=$2 service=$3 store=$4/docker/registry/v2 untagged=$5
# shellcheck source=store_lib.sh
. ./store_lib.sh
uploads=$(half_pushed)
was=''
! systemctl is-active -q "$service" || was=up
[ -z "$was" ] || systemctl stop "$service" || exit 1
printf '%s\n' "$uploads" | while read -r folder; do
  [ -z "$folder" ] || rm -rf "$folder"
done
[ -z "$untagged" ] || untagged | while read -r name digest; do forget "$name" "$digest"; done
rc=0
if [ -d "$store/blobs" ]; then
  output=$("$program" garbage-collect "$config" 2>&1)
  rc=$?
  printf '%s\n' "$output" | tail -n 1 >&2
fi
[ -z "$was" ] || systemctl start "$service" || exit 1
exit $rc
