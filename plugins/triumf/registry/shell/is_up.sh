# SERVICE: is it enabled, and does it run? Exit code 0: yes, 1: no.
service=$1
systemctl is-enabled -q "$service" 2>/dev/null && systemctl is-active -q "$service" || exit 1
