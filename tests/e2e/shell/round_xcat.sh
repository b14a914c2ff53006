# service|marks ENGINE STATE NAME ADDRESS: xCAT. Its service: `healthy` where xcatd answers inside
# and the container at its address, and `release` with what runs. Its marks: nodes and a digest.
engine=$2 current=$3/current name=$4 address=$5
case $1 in
  service)
    timeout 10 "$engine" exec "$name" /opt/xcat/bin/lsdef >/dev/null 2>&1 &&
      busybox ping -c 1 -W 2 "$address" >/dev/null 2>&1 && echo healthy
    timeout 10 "$engine" exec "$name" cat /etc/xcat/version | sed 's/^/release /'
    ;;
  marks)
    cut -d, -f1 "$current/etc/xcat/nodelist.csv" | grep -v '^#' || exit 0
    sha256sum "$current/etc/xcat/mark"
    ;;
esac
