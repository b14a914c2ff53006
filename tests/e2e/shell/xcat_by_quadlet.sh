# IMAGE: upstream's line of today as a quadlet. Podman 4.3 makes no unit of it: what the unit would
# start is started here, by its words; the lab's systemctl knows the file.
set -eu
exec 2>&1
mkdir -p /etc/containers/systemd
cat >/etc/containers/systemd/xcatmn.container <<END
[Container]
ContainerName=xcatmn
Image=docker.io/$1
Network=host
HostName=xcatmn
Environment=PASSWORD=sesame
Volume=xcat-tables:/etc/xcat
PodmanArgs=--privileged --systemd=always
[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload
PODMAN_SYSTEMD_UNIT=xcatmn.service podman run --name=xcatmn --replace --rm -d --network=host \
  --hostname=xcatmn --env PASSWORD=sesame -v xcat-tables:/etc/xcat --privileged --systemd=always \
  "docker.io/$1"
