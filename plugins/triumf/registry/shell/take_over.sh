# SERVICE: restarts it where it runs. Where it does not, the start that follows takes the files
# over.
service=$1
if systemctl is-active -q "$service"; then systemctl restart "$service"; fi
