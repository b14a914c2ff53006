# IMAGE NAMESERVER: runs the image; prints what condor's stand-in says, and what is in it.
docker run -d --name wn --dns "$2" --cap-add SYS_ADMIN "$1" >/dev/null || exit
tries=50
until docker logs wn 2>&1 | grep condor || [ $((tries -= 1)) = 0 ]; do sleep 0.2; done
# shellcheck disable=SC2016
docker exec wn sh -c '
  grep atlas001 /etc/passwd
  grep atlas /etc/group
  ls /usr/sbin/ip
  ls /usr/share/man >/dev/null 2>&1 || echo no man pages
  [ -n "$(ls /var/lib/apt/lists)" ] || echo no lists
  stat -c 0%a /root/init'
docker rm -f wn >/dev/null
