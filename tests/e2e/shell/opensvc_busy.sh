# opensvc_busy: a process that is called docker works in the service's file system.

cp /bin/sleep /root/docker
cd /opt/svc/a && setsid -f /root/docker 777 </dev/null >/dev/null 2>&1
