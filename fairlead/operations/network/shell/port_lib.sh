# What hangs on the name of an interface, besides addresses and routes. Included.

# neighbours FAMILY DEVICE: the permanent ones, as `ip neigh replace` takes them without a device
neighbours() {
  ip "-$1" neigh show dev "$2" nud permanent 2>/dev/null | sed -n 's/^\([^ ]* lladdr [^ ]*\) .*/\1 nud permanent/p'
  ip "-$1" neigh show proxy dev "$2" 2>/dev/null | sed -n 's/^\([^ ]*\) .*/proxy \1/p'
}

# rules FAMILY DEVICE: of policy routing, as `ip rule add` takes them
rules() {
  ip "-$1" rule show 2>/dev/null | grep -E " [io]if $2( |\$)" |
    sed 's/^\([0-9]*\):[[:space:]]*/priority \1 /; s/ \[detached\]//g; s/ *$//'
}

# labels DEVICE: of IPv6's addresses, as `ip addrlabel add` takes them without a device
labels() { ip addrlabel list 2>/dev/null | sed -n "s/^\(prefix .*\) dev $1 \(label .*[^ ]\) *$/\1 \2/p"; }

# with_name FROM TO: a rule, seen from another interface
with_name() { sed "s/ \([io]if\) $1\( \|\$\)/ \1 $2\2/g"; }

# settings DEVICE: a line "FILE VALUE" for each of the kernel's settings of a device, below
# /proc/sys/net, with % for the device. Not those that follow from others or cannot be written.
settings() {
  for folder in ipv4/conf ipv4/neigh ipv6/conf ipv6/neigh; do
    grep -sH '' /proc/sys/net/$folder/"$1"/* | sed "s,^/proc/sys/net/$folder/$1/\([^:]*\):,$folder/%/\1 ,"
  done | grep -vE '/(mtu|stable_secret|mc_forwarding|base_reachable_time|retrans_time) '
}

# differing DEVICE OTHER: those of DEVICE that OTHER has not
differing() { settings "$1" | grep -vxF "$(settings "$2")"; }

# set_all DEVICE: sets what settings has printed, from stdin. A setting that its kernel keeps for
# itself is passed over.
set_all() {
  while read -r file value; do
    printf '%s\n' "$value" >"/proc/sys/net/${file%%\%*}$1${file#*%}" 2>/dev/null || :
  done
}

# zone DEVICE: firewalld's, where it runs and has the device in one
zone() { firewall-cmd --get-zone-of-interface="$1" 2>/dev/null || :; }
