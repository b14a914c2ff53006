# SERVICE ROOT untagged|"" LINE...: takes away what no image needs, and halves of pushes to which nobody
# wrote when it began; with `untagged` first the manifests that nothing with a tag needs. (The
# program's own --delete-untagged takes the parts of images for several machines.) The service (a
# unit, or ENGINE:NAME) is stopped meanwhile: nobody pushes, or what is half pushed would be swept
# too. LINE: that of the registry's program which sweeps.
service=$1 store=$2/docker/registry/v2 untagged=$3
shift 3
# shellcheck source=store_lib.sh
. ./store_lib.sh
# shellcheck source=service_lib.sh
. ./service_lib.sh
uploads=$(half_pushed)
was=''
! runs "$service" || was=up
[ -z "$was" ] || tell stop "$service" || exit 1
printf '%s\n' "$uploads" | while read -r folder; do
  [ -z "$folder" ] || rm -rf "$folder"
done
[ -z "$untagged" ] || untagged | while read -r name digest; do forget "$name" "$digest"; done
rc=0
if [ -d "$store/blobs" ]; then
  output=$("$@" 2>&1)
  rc=$?
  printf '%s\n' "$output" | tail -n 1 >&2
fi
[ -z "$was" ] || tell start "$service" || exit 1
exit $rc
