# ADDRESS BRIDGE-ADDRESS IMAGE: the document's container as a person starts it: bridge, container, and
# what pipework does.
set -eu
exec 2>&1
address=$1 own=$2 image=$3
ip link add br0 type bridge forward_delay 0
gateway=$(ip -4 route show default | awk '{ print $3; exit }')
ip addr del "$own/24" dev eth0
ip link set eth0 master br0
ip link set br0 up
ip addr add "$own/24" dev br0
ip route replace default via "$gateway"
docker create -it --privileged=true --dns="$own" --dns-search=clusters.com --hostname=xcatmn --name=xcatmn \
  "--add-host=xcatmn:$address" "--add-host=c910f05c01bc06:$own" --net=none "$image"
docker start xcatmn
pid=$(docker inspect -f '{{.State.Pid}}' xcatmn)
ip link add "veth1pl$pid" master br0 type veth peer name eth1 netns "$pid" # pipework's names
ip link set "veth1pl$pid" up
nsenter --net="/proc/$pid/ns/net" sh -c "ip addr add $address/24 dev eth1; ip link set eth1 up; ip route add default via $own"
