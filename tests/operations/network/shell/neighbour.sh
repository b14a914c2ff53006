# The other end of the cable is another host, 10.5.106.9, who has just been spoken to; `$far` enters
# it, and it ends with this shell.
unshare -n sleep 20 >/dev/null 2>&1 &
other=$!
far="nsenter -t $other -n"
until [ "$(readlink "/proc/$other/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
ip link set peer netns "$other"
$far ip addr add 10.5.106.9/24 dev peer
$far ip link set peer up
$far ip link set lo up
bash -c 'echo >/dev/udp/10.5.106.9/9' 2>/dev/null
sleep 0.3
