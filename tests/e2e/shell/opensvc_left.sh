# opensvc_left: what a login may have left on a host.

ls -A /root/.docker 2>/dev/null
cat /var/lib/fairlead/journal /var/lib/fairlead/runs/*/*
cat /var/lib/opensvc/svc/*/docker.log
