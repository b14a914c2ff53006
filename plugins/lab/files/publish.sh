#!/bin/sh
# Builds a stand-in image and pushes it to the lab's registry. Same words, same image: nothing in it depends on the time or on the order of files.
# publish.sh ROOT NETWORK CACHE IMAGE TAG VERSION FLAVOR yes|no(broken) SPEC [index]. SPEC is noted in ROOT/published/IMAGE:TAG when it is done.
# index: the tag names a list of one image per architecture, as most of Docker Hub has it.
set -eu
umask 022
export LC_ALL=C
ROOT=$1 NET=$2 CACHE=$3 IMAGE=$4 TAG=$5 VERSION=$6 FLAVOR=$7 BROKEN=$8 SPEC=$9 INDEX=${10:-}
URL=http://$NET.253:5000/v2/$IMAGE
LIB=$ROOT/lib
# shellcheck source=debian.sh
. "$LIB/debian.sh"
WORK=$(mktemp -d "$ROOT/publish.XXXXXX")
trap 'rm -rf "$WORK"' EXIT

digest() { echo "sha256:$(sha256sum | cut -d' ' -f1)"; }
pack() { tar --sort=name --mtime=@0 --numeric-owner --format=gnu -C "$1" -cf - . | gzip -n -6 >"$2.new" && mv "$2.new" "$2"; }
call() { curl -sS --fail-with-body --noproxy '*' -m 60 "$@"; }

# What every image of a flavor stands on. The systemd one takes a while and is kept from lab to lab.
base_supervisord() {
  tree=$WORK/base
  mkdir -p "$tree/bin" "$tree/etc" "$tree/dev" "$tree/proc" "$tree/sys" "$tree/root" "$tree/run" "$tree/tmp" "$tree/usr/bin" "$tree/var"
  ln -s ../run "$tree/var/run"
  cp /bin/busybox "$tree/bin/busybox"
  for applet in $(busybox --list); do [ "$applet" = busybox ] || ln -s busybox "$tree/bin/$applet"; done
  chmod 1777 "$tree/tmp"
  echo root:x:0:0:root:/root:/bin/sh >"$tree/etc/passwd"
  echo root:x:0: >"$tree/etc/group"
  pack "$tree" "$1"
}
# debian PACKAGES: a Debian of its own in WORK/base.
debian() {
  tree=$WORK/base
  bootstrap "$CACHE" bookworm "$tree" "$1" "$WORK/log" || { tail -n 5 "$WORK/log" >&2; echo "lab: the tree for the $FLAVOR flavor could not be made" >&2; exit 1; }
}
base_systemd() {
  debian systemd,systemd-sysv
  rm -rf "$tree"/etc/machine-id "$tree"/etc/systemd/system/*.wants "$tree"/lib/systemd/system/getty.target.wants
  : >"$tree/etc/machine-id"
  pack "$tree" "$1"
}
base_rocky() {
  debian "$(cat "$LIB/rpms/rocky.debs")"
  sh "$LIB/rpms/rocky.sh" "$tree" >"$WORK/log" 2>&1 || { tail -n 5 "$WORK/log" >&2; exit 1; }
  find "$tree/dev" -mindepth 1 -delete
  pack "$tree" "$1"
}

# A layer or a configuration: sent unless the registry has it.
upload() {
  sum=$(digest <"$1")
  curl -sf --noproxy '*' -m 60 -o /dev/null -I "$URL/blobs/$sum" || {
    place=$(call -i -X POST "$URL/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
    call -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$1" "$place&digest=$sum"
  }
  printf '{"mediaType":"%s","size":%s,"digest":"%s"}' "$2" "$(stat -c %s "$1")" "$sum"
}

mkdir -p "$CACHE" "$WORK/tree"
case $FLAVOR in
  supervisord) base=$CACHE/busybox-$(sha256sum </bin/busybox | cut -c1-12).tar.gz ;;
  systemd) base=$CACHE/systemd-bookworm.tar.gz ;;
  rocky) base=$CACHE/rocky-$(cat "$LIB"/rpms/rocky.* | sha256sum | cut -c1-12).tar.gz ;;
esac
exec 9>"$base.lock" # labs beside each other share the cache
flock 9
[ -s "$base.id" ] || { "base_$FLAVOR" "$base"; zcat "$base" | digest >"$base.id"; }
exec 9>&-
make=$LIB/standins/${IMAGE%%/*}/make.sh
config=$(IMAGE=$IMAGE sh "$make" "$WORK/tree" "$base" "$VERSION" "$FLAVOR" "$BROKEN")
case $config in *'"Env"'*) ;; *) config='"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],'$config ;; esac
pack "$WORK/tree" "$WORK/layer.tar.gz"

made=$(printf '2024-%02d-01T00:00:00Z' $(($(echo "$VERSION" | cut -d. -f2) % 12 + 1))) # later versions look younger
printf '{"architecture":"amd64","os":"linux","created":"%s","config":{%s,"Labels":{"org.fairlead.standin":"1","org.opencontainers.image.version":"%s"}},"rootfs":{"type":"layers","diff_ids":["%s","%s"]}}' \
  "$made" "$config" "$VERSION" "$(cat "$base.id")" "$(zcat "$WORK/layer.tar.gz" | digest)" >"$WORK/config.json"

type=application/vnd.docker
printf '{"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s,%s]}' "$type.distribution.manifest.v2+json" \
  "$(upload "$WORK/config.json" "$type.container.image.v1+json")" \
  "$(upload "$base" "$type.image.rootfs.diff.tar.gzip")" "$(upload "$WORK/layer.tar.gz" "$type.image.rootfs.diff.tar.gzip")" >"$WORK/manifest.json"
# name FILE TYPE NAME: the registry knows it under this tag or digest
name() { call -X PUT -H "Content-Type: $2" --data-binary "@$1" "$URL/manifests/$3"; }
if [ -n "$INDEX" ]; then
  name "$WORK/manifest.json" "$type.distribution.manifest.v2+json" "$(digest <"$WORK/manifest.json")"
  printf '{"schemaVersion":2,"mediaType":"%s","manifests":[{"mediaType":"%s","size":%s,"digest":"%s","platform":{"architecture":"amd64","os":"linux"}}]}' \
    "$type.distribution.manifest.list.v2+json" "$type.distribution.manifest.v2+json" \
    "$(stat -c %s "$WORK/manifest.json")" "$(digest <"$WORK/manifest.json")" >"$WORK/index.json"
  name "$WORK/index.json" "$type.distribution.manifest.list.v2+json" "$TAG"
else
  name "$WORK/manifest.json" "$type.distribution.manifest.v2+json" "$TAG"
fi
mkdir -p "$(dirname "$ROOT/published/$IMAGE")"
echo "$SPEC" >"$ROOT/published/$IMAGE:$TAG"
echo "$IMAGE:$TAG $VERSION $FLAVOR $(digest <"$WORK/manifest.json")"
