# ADDRESS: what is known of it as a neighbour, once it was spoken to.
ip neigh flush to "$1"
bash -c "echo >/dev/udp/$1/9"
sleep 0.5
ip neigh show to "$1"
