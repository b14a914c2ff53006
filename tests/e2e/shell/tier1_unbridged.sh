# ADDRESS: the engine as the lab made it, without a worker and without br0.
docker rm -f worker
cp /etc/docker/daemon.json.lab /etc/docker/daemon.json
systemctl restart docker
ip link delete br0
ip address replace "$1" brd + dev eth0
