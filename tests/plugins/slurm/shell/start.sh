# FOLDER TREE: a cluster of two nodes on this machine, in namespaces of its own: its daemons run until
# the process that runs this is ended. TREE: where the packages are unpacked. FOLDER/ready: it runs.
folder=$1 tree=$2
exec >"$folder/start.log" 2>&1 </dev/null
ip link set lo up
ip link add d0 type veth peer name d1
ip addr add 10.99.0.1/24 dev d0
ip link set d0 up
ip link set d1 up
mount -t overlay overlay -o "lowerdir=$tree/usr/sbin:/usr/sbin" /usr/sbin
mkdir "$folder/state" "$folder/spool-n1" "$folder/spool-n2"
dd if=/dev/urandom of="$folder/key" bs=1024 count=1
chmod 600 "$folder/key"
munged --force --key-file="$folder/key" --socket="$folder/munge.sock" \
  --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" --seed-file="$folder/seed"
slurmctld-wlm
slurmd-wlm -N n1
slurmd-wlm -N n2
until [ "$(sinfo -h -N -o %T | sort -u)" = idle ]; do sleep 0.5; done
: >"$folder/ready"
while :; do sleep 60; done
