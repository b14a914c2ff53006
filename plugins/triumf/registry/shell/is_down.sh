# SERVICE: is it neither enabled nor running? Exit code 0: yes, 1: no.
service=$1
if systemctl is-active -q "$service" || systemctl is-enabled -q "$service" 2>/dev/null; then
  exit 1
fi
