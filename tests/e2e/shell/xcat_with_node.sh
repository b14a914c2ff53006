# ENGINE: once xcatd answers a node is defined.
for _ in $(seq 60); do
  "$1" exec xcatmn /opt/xcat/bin/mkdef -t node cn1 >/dev/null 2>&1 && break
  sleep 0.5
done
"$1" exec xcatmn /opt/xcat/bin/lsdef
