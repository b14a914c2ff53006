# service|marks ENGINE STATE NAME ADDRESS: xCAT. Its service: `healthy` where xcatd answers inside
# and the container at its address, and `release` with what runs. Its marks: nodes and a digest.
engine=$2 current=$3/current name=$4 address=$5
case $1 in
  service)
    asked='/opt/xcat/bin/lsdef >/dev/null 2>&1 && echo answers; cat /etc/xcat/version'
    answer=$(timeout 15 "$engine" exec "$name" sh -c "$asked")
    case $answer in
      answers*) ! busybox ping -c 1 -W 2 "$address" >/dev/null 2>&1 || echo healthy ;;
    esac
    printf 'release %s\n' "$(printf '%s\n' "$answer" | tail -n 1)"
    ;;
  marks)
    cut -d, -f1 "$current/etc/xcat/nodelist.csv" | grep -v '^#' || exit 0
    sha256sum "$current/etc/xcat/mark"
    ;;
esac
