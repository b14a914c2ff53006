# ROOT: prints how many repositories there are, KiB in all, KiB free beside them.
root=$1
find "$root/docker/registry/v2/repositories" -name _manifests -type d 2>/dev/null | wc -l
du -sk "$root" 2>/dev/null | cut -f1
df -Pk "$root" 2>/dev/null | awk 'END { print $4 }'
