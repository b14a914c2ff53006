# IMAGE: upstream's line of today on Podman, with the unit that `podman generate systemd` makes.
set -eu
exec 2>&1
podman run -d --name xcatmn --network=host --hostname xcatmn --privileged --systemd=always "docker.io/$1"
podman generate systemd --name xcatmn >/etc/systemd/system/container-xcatmn.service
systemctl enable container-xcatmn
