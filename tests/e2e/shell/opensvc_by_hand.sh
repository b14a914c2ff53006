# opensvc_by_hand NAME...: files of agent 2.1 as people write them, three shapes; the services in NAME
# run on this node, by the agent's own command. One has an engine of its own on file systems of its own,
# and two nodes; one has two containers in the node's engine, the second in the first one's network; one
# is an address with a file system, and no container.
set -eu
exec 2>&1
mkdir -p /etc/opensvc
cd /etc/opensvc
cat >board.opensvc.test.conf <<'END'
# notice board, moved here from the old cluster
[DEFAULT]
id = 0f6c6c4e-5d0b-4d3a-9a39-3b8f6f1f7c11
nodes = n1 n2
orchestrate = start
app = OSVCLAB
env = PRD
container_data_dir = /opt/svc/a/appdata

[fs#1]
type = none
dev = /root/svc/a
mnt = /opt/svc/a
mnt_opt = bind

[fs#2]
type = none
dev = /root/svc/adata
mnt = /opt/svc/a/appdata
mnt_opt = bind

[container#1]
type = docker
image = busybox:1.36
command = sleep 3600
run_args = -v /opt/svc/a/vol1:/vol1:rw --net bridge
END
cat >pair.conf <<'END'
[DEFAULT]
id = 51f4b6c0-0a3e-4a6b-8f0e-5d1a8b9c2d22
nodes = n1
orchestrate = no

[container#1]
type = docker
image = busybox:1.36
command = sleep 3600
netns = none
; the second one speaks to it on localhost

[container#2]
type = docker
image = busybox:1.37
command = sh
netns = container#1
tty = true
interactive = true
END
cat >share.conf <<'END'
[DEFAULT]
nodes=n1
orchestrate=start
env=DEV

[ip#1]
ipname=svc101.opensvc.test
ipdev=eth0
netmask=24

[fs#1]
mnt=/opt/svc/share
dev=/root/svc/b
type=none
mnt_opt=bind,ro
END
chmod 600 ./*.conf
mkdir -p /root/svc/a/vol1
for name; do /usr/local/bin/om "$name" start --local; done
