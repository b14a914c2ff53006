# IMAGE VERSION: pushes an image of Docker Distribution, of this host's own docker-registry, with the
# entry point and the PATH of the project's images. A version that is `broken` ends at once.
set -e
image=$1 version=$2
root=$(mktemp -d)
mkdir -p "$root/bin" "$root/etc/distribution" "$root/tmp"
cp "$(command -v busybox)" "$root/bin/busybox"
ln -s busybox "$root/bin/sh"
program=/usr/bin/docker-registry
cp "$program" "$root/bin/registry"
ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p "$root${library%/*}"
  cp -L "$library" "$root$library"
done
echo 'version: 0.1' >"$root/etc/distribution/config.yml"
echo "$version" >"$root/etc/version"
echo '#!/bin/sh' >"$root/entrypoint.sh"
cat >>"$root/entrypoint.sh" <<'END'
case $1 in
  *.yml) set -- registry serve "$1" ;;
  serve | garbage-collect | -*) set -- registry "$@" ;;
esac
exec "$@"
END
case $version in broken*) printf '#!/bin/sh\nexit 1\n' >"$root/entrypoint.sh" ;; esac
chmod 755 "$root" "$root/entrypoint.sh"
tar -C "$root" -cf - . | docker import -c 'ENTRYPOINT ["/entrypoint.sh"]' \
  -c 'CMD ["/etc/distribution/config.yml"]' -c 'ENV PATH=/bin' - "$image" >/dev/null
rm -rf "$root"
docker push -q "$image" 2>&1
docker rmi "$image" >/dev/null
