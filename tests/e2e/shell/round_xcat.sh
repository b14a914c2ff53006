# ADDRESS: prints yes where xcatd answers inside, and the container at its address.
timeout 10 docker exec xcatmn /opt/xcat/bin/lsdef >/dev/null 2>&1 || exit 0
busybox ping -c 1 -W 2 "$1" >/dev/null 2>&1 && echo yes
