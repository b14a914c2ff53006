#!/bin/sh
# A lab of real hosts on one Linux machine: sh lab.sh ROOT NETWORK VERB [HOST] [VALUE]. The verbs stand at the end.
# A host is a directory, ROOT/HOST, and the namespaces that init.sh makes. Every wait here is bounded.
set -eu
umask 022
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
ROOT=$1 NET=$2 VERB=$3
shift 3
LIB=$ROOT/lib
ID=fl$(echo "$NET" | cut -d. -f2-3) # of everything with a name outside ROOT: fl77.0
SWITCH=$ID-switch
BOOT=$(cat /proc/sys/kernel/random/boot_id)

die() { echo "lab: $*" >&2; exit 3; }
number() { echo "${1##*[!0-9]}"; }
address() { echo "$NET.$(number "$1")"; }
mac() { echo "$NET.$1" | (IFS=. read -r a b c d; printf '02:%02x:%02x:%02x:00:%02x' "$a" "$b" "$c" "$d"); } # fixed: a new one is unknown to ARP caches for long
hosts() { for file in "$ROOT"/*/hostkey; do [ ! -e "$file" ] || basename "$(dirname "$file")"; done; }

# How often, 0.1 s apart, a command is asked until it says yes.
wait_for() { tries=$1; shift; while ! "$@"; do tries=$((tries - 1)); [ $tries -gt 0 ] || return 1; sleep 0.1; done; }

# A process is known by number, start and boot of the machine: numbers are used again.
started() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" { print $20 }'; }
alive() {
  [ -s "$1/pid" ] || return 1
  read -r pid start boot <"$1/pid"
  [ "$boot" = "$BOOT" ] && [ "$(started "$pid")" = "$start" ]
}
gone() { ! alive "$1"; }
inside() { read -r pid _ <"$ROOT/$1/pid"; shift; nsenter -t "$pid" -m -u -i -n -p -C env -i PATH="$PATH" HOME=/root TERM="${TERM:-dumb}" "$@"; }

# Our processes live in a group of their own, or systemd would end them with the run that began them.
groups() { find /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd -maxdepth 0 -exec test -e {}/cgroup.procs \; -print 2>/dev/null; }
join() {
  for group in $(groups); do
    if mkdir -p "$group/$ID/$1-host"; then echo $$ >"$group/$ID/$1-host/cgroup.procs" || true; fi
  done
}
ungroup() { # What is left in the group ends too (a 0 there is a process of somebody else's namespace).
  tops=$(find /sys/fs/cgroup -maxdepth 2 -type d -name "$ID") || true
  for top in $tops; do
    for name in "$1" "$1-host"; do
      [ -d "$top/$name" ] || continue
      find "$top/$name" -name cgroup.procs -exec cat {} + 2>/dev/null | while read -r one; do [ "$one" = 0 ] || kill -9 "$one" 2>/dev/null || true; done
      find "$top/$name" -depth -type d -exec rmdir {} \; 2>/dev/null || true
    done
    rmdir "$top" 2>/dev/null || true
  done
  # Podman knows no parent of it
  tops=$(find /sys/fs/cgroup -maxdepth 2 -type d -name libpod_parent) || true
  for top in $tops; do
    for one in "$ROOT/$1"/disk/containers/storage/overlay-containers/*; do
      [ ! -d "$one" ] || find "$top" -depth -type d -name "*${one##*/}*" -exec rmdir {} \; 2>/dev/null || true
    done
    rmdir "$top"/conmon "$top" 2>/dev/null || true
  done
}
ungrouped() { ungroup "$1"; [ -z "$(find /sys/fs/cgroup -maxdepth 3 -path "*/$ID/*" -type d \( -name "$1" -o -name "$1-host" \))" ]; }

# Keys, the switch and its uplink. A bridge whose address is not given changes it with its ports, and
# is out of reach for as long as others remember the old one. Machine-wide settings that an engine changes are noted, for the way back.
switch() {
  mkdir -p "$ROOT/switch" "$ROOT/published"
  [ -s "$ROOT/key" ] || ssh-keygen -q -t ed25519 -N '' -C fairlead-lab -f "$ROOT/key"
  [ -s "$ROOT/switch/before" ] || {
    mountpoint -q /run/netns && echo 'netns kept' || echo 'netns ours'
    for name in kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do echo "$name $(cat /proc/sys/$name)"; done
  } >"$ROOT/switch/before"
  [ -e "/run/netns/$SWITCH" ] || ip netns add "$SWITCH"
  ip -n "$SWITCH" link show lab >/dev/null 2>&1 || ip -n "$SWITCH" link add lab address "$(mac 253)" type bridge
  ip -n "$SWITCH" link set lo up
  ip -n "$SWITCH" link set lab up
  ip -n "$SWITCH" address replace "$NET.253/24" dev lab
  ip link show "$ID" >/dev/null 2>&1 || ip link add "$ID" address "$(mac 254)" type veth peer name uplink netns "$SWITCH"
  ip -n "$SWITCH" link set uplink master lab up
  ip address replace "$NET.254/24" dev "$ID"
  ip link set "$ID" up
}
has_switch() {
  [ -s "$ROOT/key" ] && [ -s "$ROOT/switch/before" ] && ip -n "$SWITCH" -br address show lab 2>/dev/null | grep -q "$NET.253/" &&
    ip -br address show "$ID" 2>/dev/null | grep -q "UP .*$NET.254/"
}

# One store, two doors: plain on 5000, and with TLS on 443 as registry-1.docker.io, so that hosts pull by the names and get the errors of Docker Hub.
registry() {
  mkdir -p "$ROOT/registry"
  [ -s "$ROOT/registry/tls.crt" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj '/CN=fairlead lab registry' \
    -addext 'subjectAltName=DNS:registry-1.docker.io,DNS:index.docker.io' -keyout "$ROOT/registry/tls.key" -out "$ROOT/registry/tls.crt" 2>/dev/null
  stop_registry
  for door in 5000 443; do
    mkdir -p "$ROOT/registry/$door"
    {
      printf 'version: 0.1\nlog: {level: warn}\nstorage: {filesystem: {rootdirectory: %s/registry/store}, delete: {enabled: true}}\n' "$ROOT"
      printf 'http: {addr: "%s.253:%s", secret: lab%s}\n' "$NET" $door \
        "$([ $door = 5000 ] || echo ", tls: {certificate: $ROOT/registry/tls.crt, key: $ROOT/registry/tls.key}")"
    } >"$ROOT/registry/$door/config.yml"
    setsid -f sh "$LIB/lab.sh" "$ROOT" "$NET" _registry $door </dev/null >"$ROOT/registry/$door/log" 2>&1
  done
  wait_for 100 has_registry || die "the registry does not answer: $(tail -n 3 "$ROOT"/registry/*/log)"
}
_registry() {
  join registry
  echo "$$ $(started $$) $BOOT" >"$ROOT/registry/$1/pid"
  exec nsenter --net="/run/netns/$SWITCH" docker-registry serve "$ROOT/registry/$1/config.yml"
}
has_registry() {
  alive "$ROOT/registry/5000" && alive "$ROOT/registry/443" || return 1
  for url in "http://$NET.253:5000/v2/" "https://$NET.253/v2/"; do curl -skf --noproxy '*' -m 2 -o /dev/null "$url" || return 1; done
}
stop_registry() {
  for door in 5000 443; do ! alive "$ROOT/registry/$door" || { kill -9 "$pid"; wait_for 50 gone "$ROOT/registry/$door"; }; done
  wait_for 20 ungrouped registry || true
  ungroup reboot
}

# What ssh has to know of the hosts.
lists() {
  for host in $(hosts); do
    echo "$host,$(address "$host") $(cut -d' ' -f1,2 "$ROOT/$host/hostkey.pub")" >&3
    printf 'Host %s %s\n HostName %s\n User root\n IdentityFile %s/key\n IdentitiesOnly yes\n UserKnownHostsFile %s/known_hosts\n' \
      "$host" "$(address "$host")" "$(address "$host")" "$ROOT" "$ROOT" >&4
  done 3>"$ROOT/known_hosts.new" 4>"$ROOT/ssh_config.new"
  for name in known_hosts ssh_config; do mv "$ROOT/$name.new" "$ROOT/$name"; done
}

# of HOST KEY: what the host is: tree, release, init, store. Nothing where it was not asked for.
of() { sed -n "s/^$2 //p" "$ROOT/$1/make" 2>/dev/null; }
machine() { [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] && echo v2 || echo v1; }

# boot HOST auto|v1|v2 [KEY=VALUE...]: what is half there goes first. The disk of a host that was switched off stays, and what the host is.
boot() {
  want=$2
  case $(number "$1") in [1-9] | [1-9][0-9] | 1[0-9][0-9] | 2[0-4][0-9] | 25[0-2]) ;; *) die "$1: a host of the lab has a number from 1 to 252, the last of its address" ;; esac
  [ "$want" != auto ] || want=$(machine)
  [ "$want" != v1 ] || [ "$(machine)" = v1 ] || die "$1: this machine has cgroup v2 only, so its hosts cannot have v1"
  off "$1"
  mkdir -p "$ROOT/$1/mnt"
  [ -e "$ROOT/$1/make" ] || for word; do case $word in *=*) echo "${word%%=*} ${word#*=}" ;; esac; done >"$ROOT/$1/make"
  tree=$(of "$1" tree)
  [ -d "${tree:-/}" ] || die "$1 stands on $tree, which is gone; take it down: inv lab.down --host=$1"
  for name in upper work root home log kept docker containers containerd state; do mkdir -p "$ROOT/$1/disk/$name"; done
  [ -s "$ROOT/$1/hostkey" ] || ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$ROOT/$1/hostkey"
  echo "$want" >"$ROOT/$1/cgroup"
  lists
  ip netns add "$ID-$1"
  ip link add eth0 address "$(mac "$(number "$1")")" netns "$ID-$1" type veth peer name "$1" netns "$SWITCH"
  ip -n "$SWITCH" link set "$1" master lab up
  ip -n "$ID-$1" address add "$(address "$1")/24" dev eth0
  ip -n "$ID-$1" link set lo up
  ip -n "$ID-$1" link set eth0 up
  setsid -f sh "$LIB/lab.sh" "$ROOT" "$NET" _boot "$1" "$want" </dev/null >"$ROOT/$1/init.log" 2>&1
  wait_for 50 alive "$ROOT/$1" || die "$1 did not begin to boot: $(tail -n 3 "$ROOT/$1/init.log")"
}
_boot() {
  join "$1"
  spaces='-m -u -i -p'
  [ "$(of "$1" init)" != systemd ] || spaces="$spaces -C" # systemd takes the group that it sees as the top for its own
  code=0
  # shellcheck disable=SC2086
  nsenter --net="/run/netns/$ID-$1" unshare $spaces --fork --kill-child sh "$LIB/init.sh" "$ROOT" "$NET" "$1" "$2" "$ID" || code=$?
  [ $code = 129 ] || exit $code
  join reboot # reboot(2) of a PID namespace ends its PID 1 by SIGHUP; what is in the host's group ends with it
  exec sh "$LIB/lab.sh" "$ROOT" "$NET" boot "$1" "$2"
}
# The engine is asked for its name: before the host has entered its own root, the machine's engine would answer.
answers() { [ "$(timeout 5 sh "$LIB/lab.sh" "$ROOT" "$NET" exec "$1" docker info -f '{{.Name}}' 2>/dev/null)" = "$1" ]; }
listens() { [ -n "$(ip netns exec "$ID-$1" ss -Hltn 'sport = :22')" ]; }
booting() { alive "$ROOT/$1" && [ -e "/run/netns/$ID-$1" ] && { [ -z "${2:-}" ] || [ "$(cat "$ROOT/$1/cgroup")" = "$2" ]; }; }
is_up() { booting "$@" && listens "$1" && answers "$1" && delayed "$1" "$(cat "$ROOT/$1/latency" 2>/dev/null || echo 0)"; }
ready() { # Engine and sshd answer; a delay that was asked for is back in force
  wait_for 300 settled "$1" || die "$1 did not come up: $(tail -n 3 "$ROOT/$1/init.log" "$ROOT/$1/disk/log/dockerd.log" 2>&1)"
  alive "$ROOT/$1" || die "$1 died while it booted: $(tail -n 3 "$ROOT/$1/init.log")"
  [ ! -s "$ROOT/$1/latency" ] || latency "$1" "$(cat "$ROOT/$1/latency")"
}
settled() { gone "$ROOT/$1" || { listens "$1" && answers "$1"; }; }

# A power cut: the cable first, so that nobody gets a goodbye; then everything at once. The disk stays.
off() {
  ip -n "$SWITCH" link set "$1" down 2>/dev/null || true
  ! alive "$ROOT/$1" || { kill -9 "$pid"; wait_for 100 gone "$ROOT/$1" || die "$1 cannot be killed"; }
  rm -f "$ROOT/$1/pid"
  ip -n "$SWITCH" link delete "$1" 2>/dev/null || true
  [ ! -e "/run/netns/$ID-$1" ] || ip netns delete "$ID-$1"
  wait_for 20 ungrouped "$1" || true
}

# Loop devices belong to the whole machine and outlive the host that made them.
unloop() {
  losetup -ln -O NAME,BACK-INO 2>/dev/null | while read -r name inode; do
    [ -z "$(find "$1" -xdev -inum "$inode" -type f -size +0)" ] || losetup -d "$name"
  done
}
absent() { [ ! -e "$ROOT/$1" ] && [ ! -e "/run/netns/$ID-$1" ]; }
# A host that is gone is unknown to this machine too: else it would be waited for, as one that is silent.
remove() { off "$1"; ip neigh delete "$(address "$1")" dev "$ID" 2>/dev/null || true; unloop "$ROOT/$1"; rm -rf --one-file-system "${ROOT:?}/$1"; lists; }

remove_switch() {
  [ -z "$(hosts)" ] || return 0
  stop_registry
  ip link delete "$ID" 2>/dev/null || true
  [ ! -e "/run/netns/$SWITCH" ] || ip netns delete "$SWITCH"
  while read -r name value; do
    case $name in
      netns) [ "$value" = kept ] || [ -n "$(ls /run/netns)" ] || umount /run/netns ;;
      *) echo "$value" >"/proc/sys/$name" ;;
    esac
  done <"$ROOT/switch/before" || true
  rm -rf --one-file-system "$ROOT"
}

has_link() { ip -n "$SWITCH" -br link show "$1" 2>/dev/null | grep -Eq '^[^ ]+ +(UP|LOWERLAYERDOWN|UNKNOWN) '; }
link() { ip -n "$SWITCH" link set "$1" "$2"; }

# latency HOST MS: the round trip to the host takes MS longer. netem where the kernel has it, else a relay in front of sshd.
netem() { ip netns exec "$1" tc qdisc replace dev "$2" root netem delay "$3ms" 2>/dev/null; }
latency() {
  half=$(awk "BEGIN { print $2 / 2 }")
  undelay "$1"
  rm -f "$ROOT/$1/latency"
  [ "$2" != 0 ] || return 0
  if netem "$ID-$1" eth0 "$half" && netem "$SWITCH" "$1" "$half"; then echo netem >"$ROOT/$1/delay"; else
    undelay "$1"
    read -r pid _ <"$ROOT/$1/pid"
    setsid -f nsenter -t "$pid" -n -p python3 "$LIB/relay.py" 2222 "$2" </dev/null >"$ROOT/$1/relay.log" 2>&1
    wait_for 50 relays "$1" || die "$1: the relay does not start: $(tail -n 3 "$ROOT/$1/relay.log")"
    ip netns exec "$ID-$1" iptables -w 5 -t nat -I PREROUTING -i eth0 -p tcp --dport 22 -j REDIRECT --to-ports 2222
    echo relay >"$ROOT/$1/delay"
  fi
  echo "$2" >"$ROOT/$1/latency"
}
relays() { [ -n "$(ip netns exec "$ID-$1" ss -Hltn 'sport = :2222')" ]; }
undelay() {
  rm -f "$ROOT/$1/delay"
  ip netns exec "$ID-$1" tc qdisc delete dev eth0 root 2>/dev/null || true
  ip netns exec "$SWITCH" tc qdisc delete dev "$1" root 2>/dev/null || true
  while ip netns exec "$ID-$1" iptables -w 5 -t nat -D PREROUTING -i eth0 -p tcp --dport 22 -j REDIRECT --to-ports 2222 2>/dev/null; do :; done
  inside "$1" pkill -9 -f "^python3 $LIB/relay.py " || true
}
delayed() { # 0 for none
  [ "$(cat "$ROOT/$1/latency" 2>/dev/null || echo 0)" = "$2" ] && { [ "$2" = 0 ] || [ "$(cat "$ROOT/$1/delay")" = netem ] || relays "$1"; }
}

status() {
  [ -e "$ROOT/$1/hostkey" ] || { echo 'power none'; return; }
  echo "address $(address "$1")"
  alive "$ROOT/$1" && echo 'power on' || echo 'power off'
  has_link "$1" && echo 'link up' || echo 'link down'
  ! alive "$ROOT/$1" || echo "engine $(timeout 5 sh "$LIB/lab.sh" "$ROOT" "$NET" exec "$1" docker info -f '{{.ServerVersion}}' 2>/dev/null || echo none)"
  for key in release init store; do value=$(of "$1" $key); [ -z "$value" ] || echo "$key $value"; done
  [ ! -s "$ROOT/$1/cgroup" ] || echo "cgroup $(cat "$ROOT/$1/cgroup")"
  [ ! -s "$ROOT/$1/latency" ] || echo "latency $(cat "$ROOT/$1/latency") ms ($(cat "$ROOT/$1/delay"))"
  has_registry && echo "registry $NET.253:5000" || echo 'registry none'
}

# Questions end 0 for yes and 1 for no.
yes() { if "$@"; then exit 0; else exit 1; fi; }
case $VERB in
  switch | registry | boot | ready | off | remove | link | latency | status | _boot | _registry) "$VERB" "$@" ;;
  remove-switch) remove_switch ;;
  is-switch) yes has_switch ;;
  is-registry) yes has_registry ;;
  is-booting) yes booting "$@" ;;
  is-up) yes is_up "$@" ;;
  is-off) yes gone "$ROOT/$1" ;;
  is-absent) yes absent "$1" ;;
  has-hosts) yes test -n "$(hosts)" ;;
  is-link-up) yes has_link "$1" ;;
  is-link-down) if has_link "$1"; then exit 1; fi ;;
  is-delayed) yes delayed "$@" ;;
  exec) host=$1; shift; alive "$ROOT/$host" || die "$host is off"; read -r pid _ <"$ROOT/$host/pid"
    exec nsenter -t "$pid" -m -u -i -n -p -C env -i PATH="$PATH" HOME=/root TERM="${TERM:-dumb}" \
      ${FAIRLEAD_SESSION:+FAIRLEAD_SESSION="$FAIRLEAD_SESSION"} "$@" ;;
  *) die "no such verb: $VERB" ;;
esac
