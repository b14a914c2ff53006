# PROGRAM PORT COMMAND...: a host with an interface eth0 to which a program is bound. Runs each
# COMMAND, then PROGRAM with PORT.
program=$1 port=$2
shift 2
ip link set lo up
ip link add eth0 type veth peer name peer
ip link set eth0 up
for command; do eval "$command" || exit 99; done
python3 -c '
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
s.bind(("", 6767))
time.sleep(60)' >/dev/null 2>&1 &
sleep 1
until ss -Huln | grep -q :6767; do sleep 0.2; done
sh -c "$program" hanging "$port"
kill $!
