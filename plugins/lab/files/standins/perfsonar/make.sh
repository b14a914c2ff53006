#!/bin/sh
# The stand-in for perfsonar/testpoint: fills TREE and prints the image's configuration. make.sh TREE BASE.tar.gz VERSION FLAVOR yes|no(broken)
# What is kept of the real one: paths, users, volumes, commands, exit codes, start order, and its traps: 5.1 migrates the database, after which 5.0 refuses it;
# 6.0 has another PostgreSQL, which does not start on the files of the old one.
set -eu
TREE=$1 BASE=$2 VERSION=$3 FLAVOR=$4 BROKEN=$5
HERE=$(dirname "$0")
case $VERSION in [0-4].* | 5.0.*) SCHEMA=1 ;; *) SCHEMA=2 ;; esac
case $VERSION in [0-5].*) PG=14 ;; *) PG=16 ;; esac
DATA=/var/lib/postgresql/$PG/main

cp -R "$HERE/rootfs/." "$HERE/$FLAVOR/." "$TREE"
mkdir -p "$TREE$DATA/pscheduler" "$TREE/etc/pscheduler/database" "$TREE/usr/lib/postgresql/$PG/bin" "$TREE/usr/lib/stand-in/www/pscheduler" "$TREE/var/log" "$TREE/etc/rsyslog.d"
mkdir -p "$TREE/var/lib/perfsonar/psconfig" "$TREE/var/lib/perfsonar/lsregistrationdaemon" "$TREE/var/lib/perfsonar/bundles" "$TREE/etc/perfsonar/psconfig/transforms.d"
echo perfsonar-testpoint >"$TREE/var/lib/perfsonar/bundles/bundle_type" # as perfsonar-testpoint.postinst does, when the image is built
echo "$VERSION" >"$TREE/var/lib/perfsonar/bundles/bundle_version"
tar -xzOf "$BASE" ./etc/passwd | { cat; echo 'postgres:x:105:107:PostgreSQL administrator:/var/lib/postgresql:/bin/sh'; } >"$TREE/etc/passwd"
tar -xzOf "$BASE" ./etc/group | { cat; echo 'postgres:x:107:'; } >"$TREE/etc/group"

printf 'VERSION=%s\nSCHEMA=%s\nBROKEN=%s\nPG=%s\nDATA=%s\n' "$VERSION" "$SCHEMA" "$BROKEN" "$PG" "$DATA" >"$TREE/usr/lib/stand-in/release"
echo "A stand-in for perfsonar/testpoint $VERSION ($FLAVOR), made by fairlead's lab. It measures nothing." >"$TREE/etc/fairlead-stand-in"
echo "$VERSION" >"$TREE/etc/perfsonar/version"
for file in etc/perfsonar/psconfig/pscheduler-agent-logger.conf etc/pscheduler/limits.conf etc/pscheduler/default-limits; do
  sed -i "s/@VERSION@/$VERSION/" "$TREE/$file"
done
echo "\"This is the pScheduler API server (stand-in $VERSION).\"" >"$TREE/usr/lib/stand-in/www/pscheduler/index.html"

echo "$PG" >"$TREE$DATA/PG_VERSION"
echo "$SCHEMA" >"$TREE$DATA/pscheduler/schema"
: >"$TREE$DATA/pscheduler/task"
echo "made with $VERSION" | tee "$TREE$DATA/password" >"$TREE/etc/pscheduler/database/database-password" # as the real one's is made with its database
cp "$HERE/rootfs/usr/lib/stand-in/pg_ctl" "$TREE/usr/lib/postgresql/$PG/bin/pg_ctl"
find "$TREE" -type d -exec chmod 755 {} +
find "$TREE" -type f -exec chmod 644 {} +
find "$TREE/usr/bin" "$TREE/usr/sbin" "$TREE/usr/lib/stand-in" "$TREE/usr/lib/pscheduler" "$TREE/usr/lib/perfsonar" "$TREE/usr/lib/postgresql" -type f -exec chmod 755 {} +
case $FLAVOR in
  supervisord) chmod 755 "$TREE/bin/bash" ;;
  systemd)
    mkdir -p "$TREE/etc/systemd/system/multi-user.target.wants"
    for unit in "$TREE"/usr/lib/systemd/system/*.service; do unit=$(basename "$unit" .service); ln -s "/lib/systemd/system/$unit.service" "$TREE/etc/systemd/system/multi-user.target.wants/"; done
    cp /bin/busybox "$TREE/usr/bin/busybox"
    ;;
esac
chown -R 105:107 "$TREE/var/lib/postgresql"
chmod 700 "$TREE$DATA"

printf '"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","PG_VERSION=%s","PGDATA=%s"],' "$PG" "$DATA"

case $FLAVOR in
  supervisord) echo '"Cmd":["/usr/bin/supervisord","-c","/etc/supervisord.conf"],"Volumes":{"/var/run":{},"/var/lib/postgresql":{},"/var/log":{},"/etc/rsyslog.d":{}}' ;;
  systemd) echo '"Cmd":["/lib/systemd/systemd"],"Volumes":{"/var/lib/postgresql":{},"/var/log":{},"/sys/fs/cgroup":{}}' ;;
esac
