# A host as the lab made it: no registry, no certificates, daemon.json as it was. Called before the
# first change, it notes how that was.
systemctl disable --now docker-registry 2>/dev/null
pkill -9 -x docker-registr
mountpoint -q /data/docker/registry && umount /data/docker/registry
rm -rf /data /etc/docker/*.original /etc/grid-security \
  /etc/docker/registry/registry_passwd /etc/docker/registry/ca.crt
rm -rf /etc/docker/certs.d /root/.docker
[ ! -e /etc/docker/daemon.json.lab ] ||
  cmp -s /etc/docker/daemon.json.lab /etc/docker/daemon.json || {
  rm -f /etc/docker/daemon.json /etc/docker/daemon.json.real
  cp /etc/docker/daemon.json.lab /etc/docker/daemon.json
  systemctl restart docker
}
cp -n /etc/docker/daemon.json /etc/docker/daemon.json.lab
docker info >/dev/null 2>&1 || systemctl start docker
