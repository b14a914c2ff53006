# ENGINE: once xcatd answers a node is defined.
until "$1" exec xcatmn /opt/xcat/bin/mkdef -t node cn1; do sleep 0.5; done >/dev/null 2>&1
"$1" exec xcatmn /opt/xcat/bin/lsdef
