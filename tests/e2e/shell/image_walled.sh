# WALL: behind the wall, a program that writes everywhere, then one that leaves daemons behind and
# is ended in the middle.
mkdir -p /data/wall/tree
# shellcheck disable=SC2016
unshare --mount --pid --fork sh -c "$1" wall /data/wall bare sh -c '
  for at in /data /etc /root /usr/bin /var/lib/docker /run /home /data/wall; do
    (: >$at/here) 2>/dev/null && echo $at/here written
  done'
timeout 2 unshare --mount --pid --fork sh -c "$1" wall /data/wall bare \
  sh -c 'sleep 7771 & setsid sleep 7772 & sleep 7773'
echo "ended $?, left $(pgrep -fxc 'sleep 777[123]')"
rm -rf /data/wall
