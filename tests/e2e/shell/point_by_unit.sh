# NAME: a test point of the systemd flavor as a unit of somebody's starts it.
set -eu
exec 2>&1
cat >/etc/systemd/system/points.service <<END
[Service]
ExecStart=/usr/bin/docker start -a $1
END
docker run -td --name "$1" --net=host --tmpfs /run --tmpfs /run/lock --tmpfs /tmp \
  -v /sys/fs/cgroup:/sys/fs/cgroup:rw --cgroupns host --cap-add CAP_NET_RAW --shm-size 256m \
  perfsonar/testpoint:systemd
