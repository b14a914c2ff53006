#!/bin/sh
# The stand-in for the small images of Docker Hub's own library: busybox and its applets, whatever the name. make.sh TREE BASE.tar.gz VERSION FLAVOR yes|no(broken)
set -eu
TREE=$1 VERSION=$3 BROKEN=$5
mkdir -p "$TREE/etc"
echo "A stand-in for an image of Docker Hub's library, $VERSION, made by fairlead's lab." >"$TREE/etc/fairlead-stand-in"
find "$TREE" -type d -exec chmod 755 {} +
find "$TREE" -type f -exec chmod 644 {} +
if [ "$BROKEN" = yes ]; then # a program of the image's own name that ends at once, before busybox's
  mkdir -p "$TREE/usr/local/sbin"
  for name in httpd nc; do
    printf '#!/bin/sh\nexit 1\n' >"$TREE/usr/local/sbin/$name"
    chmod 755 "$TREE/usr/local/sbin/$name"
  done
fi
echo '"Cmd":["sh"]'
