# ADDRESS: exit code 0 where it answers: to ping, or to the kernel's own question before it is sent
# anything, which leaves it in the table of neighbours.
address=$1
ping -c 1 -W 1 "$address" >/dev/null 2>&1 && exit 0
ip neigh flush to "$address" 2>/dev/null
# shellcheck disable=SC2016
bash -c 'echo >"/dev/udp/$1/9"' poke "$address" 2>/dev/null
sleep 0.5
ip neigh show to "$address" | grep -q lladdr
