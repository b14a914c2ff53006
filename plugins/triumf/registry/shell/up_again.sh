# SERVICE: starts it where it is enabled.
service=$1
if systemctl is-enabled -q "$service"; then systemctl start "$service"; fi
