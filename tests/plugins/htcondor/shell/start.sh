# FOLDER NETWORK KEY: a pool on this machine, in namespaces of its own: a central manager and the execute
# nodes n1 and n2, each on an overlay of FOLDER/tree, with FOLDER/NAME.config; they run until the process
# that runs this is ended. FOLDER/started: all masters have been begun.
folder=$1 network=$2 key=$3
exec >"$folder/start.log" 2>&1 </dev/null
ip link set lo up
mkdir "$folder/memory"
mount -t tmpfs -o mode=755 tmpfs "$folder/memory"
number=0
for name in manager n1 n2; do
  number=$((number + 1))
  ip addr add "$network.$number/24" dev lo
  echo "$network.$number $name.tier1.lan $name" >>"$folder/hosts"
done
for name in manager n1 n2; do
  root=$folder/$name upper=$folder/memory/$name
  mkdir -p "$root" "$upper/new" "$upper/work"
  mount -t overlay overlay \
    -o "lowerdir=$folder/tree,upperdir=$upper/new,workdir=$upper/work" "$root"
  cp "$folder/hosts" "$root/etc/hosts"
  cp "$folder/$name.config" "$root/etc/condor/config.d/50-pool"
  mkdir -m 700 "$root/etc/condor/passwords.d"
  (umask 077 && echo "$key" >"$root/etc/condor/passwords.d/POOL")
  mount --rbind /dev "$root/dev"
  unshare --mount --pid --fork --kill-child --uts --mount-proc="$root/proc" \
    sh "${0%/*}/member.sh" "$root" "$name" &
done
: >"$folder/started"
wait
