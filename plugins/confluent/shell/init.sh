# Is there what Podman starts as a container's first process for --init? It looks in these folders,
# and among all programs (containers.conf(5), helper_binaries_dir). Exit code 1: there is none.
for folder in /usr/local/libexec/podman /usr/local/lib/podman /usr/libexec/podman /usr/lib/podman; do
  [ ! -x "$folder/catatonit" ] || exit 0
done
command -v catatonit >/dev/null
