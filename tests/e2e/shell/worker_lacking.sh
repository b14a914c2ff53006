# An engine that lacks what workers need, and something else listens on a worker's port.
umount /cvmfs
rmdir /opt/glite
docker rm -f vn0319
exec setsid -f busybox nc -l -p 4080 </dev/null >/dev/null 2>&1
