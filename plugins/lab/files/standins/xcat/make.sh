#!/bin/sh
# The stand-in for xCAT's images (xcat/xcat-ubuntu-x86_64, xcat/xcat2): fills TREE and prints the image's configuration. make.sh TREE BASE.tar.gz VERSION FLAVOR yes|no(broken)
# What is kept of the real ones: the paths, a daemon on port 3001 without which no command answers, tables under /etc/xcat, in xcat2 by links into /xcatdata.
# Its trap: a version that ends in .13 loses a node when it migrates the tables.
set -eu
TREE=$1 BASE=$2 VERSION=$3 BROKEN=$5
HERE=$(dirname "$0")

cp -R "$HERE/rootfs/." "$TREE"
mkdir -p "$TREE/install" "$TREE/root/.ssh" "$TREE/var/log/xcat" "$TREE/usr/lib/stand-in"
printf 'VERSION=%s\nBROKEN=%s\n' "$VERSION" "$BROKEN" >"$TREE/usr/lib/stand-in/release"
echo "A stand-in for xCAT $VERSION, made by fairlead's lab. It manages nothing." >"$TREE/etc/fairlead-stand-in"
tar -xzOf "$BASE" ./etc/passwd >"$TREE/etc/passwd"
echo 'root:*:19700:0:99999:7:::' >"$TREE/etc/shadow"
echo "$VERSION" >"$TREE/install/postscripts"
find "$TREE" -type d -exec chmod 755 {} +
find "$TREE" -type f -exec chmod 644 {} +
chmod 755 "$TREE"/opt/xcat/sbin/* "$TREE"/opt/xcat/bin/* "$TREE"/usr/sbin/* "$TREE/bin/bash" "$TREE/entrypoint.sh"
chmod 700 "$TREE/root/.ssh"
chmod 600 "$TREE/etc/shadow"
case ${IMAGE:-} in */xcat2)
  mkdir -p "$TREE/xcatdata/etc"
  mv "$TREE/etc/xcat" "$TREE/xcatdata/etc/xcat" && ln -s ../xcatdata/etc/xcat "$TREE/etc/xcat"
  mv "$TREE/install" "$TREE/xcatdata/install" && ln -s xcatdata/install "$TREE/install"
  ;;
esac
echo '"Cmd":["/entrypoint.sh"]'
