# opensvc_around SERVICE: what stays while a container is made anew: its engine, its mounts.

cat "/opt/opensvc/var/$1/docker.pid"
grep /opt/svc/a /proc/self/mountinfo | grep -v overlay
