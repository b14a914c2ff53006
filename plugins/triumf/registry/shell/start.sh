# SERVICE: enables and starts it; where it does not start, its last words go to stderr.
service=$1
systemctl enable "$service" >/dev/null 2>&1
systemctl start "$service" && exit
rc=$?
journalctl -u "$service" -n 5 >&2
exit $rc
