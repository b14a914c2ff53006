# IMAGE RELEASE NAME CONTENT...: an image from nothing, pushed into the registry; `init` is
# /root/init, the others are programs. A release that is `broken` has no condor_startd.
set -e
image=$1 release=$2
shift 2
root=$(mktemp -d)
cd "$root"
mkdir -p bin sbin usr/bin usr/sbin root etc/condor var/log/condor run tmp home proc sys dev
cp /usr/bin/busybox bin/busybox 2>/dev/null || cp /bin/busybox bin/busybox
for applet in $(bin/busybox --list); do
  [ "$applet" = busybox ] || ln -s busybox "bin/$applet"
done
cat >etc/passwd <<'END'
root:x:0:0::/root:/bin/sh
condor:x:64:64::/var/lib/condor:/bin/sh
atlas001:x:40001:4000::/home/atlas001:/bin/sh
END
echo "$release" >etc/condor/release
case $release in broken*) : >etc/condor/broken ;; esac
while [ $# -gt 0 ]; do
  case $1 in init) file=root/init ;; *) file=usr/sbin/$1 ;; esac
  printf '%s' "$2" >"$file"
  chmod 755 "$file"
  shift 2
done
chown -R 64:64 var/log/condor
tar -cf - . | docker import - "$image" >/dev/null
cd /
rm -rf "$root"
docker push -q "$image" 2>&1
