# Where containers of xCAT's images stand in the network of their host. Lines by blanks:
# A ARCHITECTURE of the host; H INTERFACE ADDRESS/BITS of each of its addresses;
# P BRIDGE PORT of each port that is no container's; G INTERFACE GATEWAY of its default route;
# C NAME ADDRESS/BITS and R NAME GATEWAY of each such container that runs.
echo "A $(uname -m)"
ip -o -4 addr show scope global | awk '{ print "H", $2, $4 }'
for port in /sys/class/net/*/brif/*; do
  [ -e "$port" ] || continue
  bridge=${port%/brif/*} name=${port##*/}
  # the end of a pair in another network namespace has one of no device of ours
  [ -d "/sys/class/net/$name/device" ] || case $name in veth* | vnet* | tap* | vx??????????) continue ;; esac # vx...: of veth.py
  echo "P ${bridge##*/} $name"
done
routes() { awk '$1 == "default" { for (i = 2; i < NF; i++) if ($i == "via") via = $(i + 1); else if ($i == "dev") dev = $(i + 1); print dev, via; exit }'; }
ip -4 route show default | routes | while read -r interface gateway; do echo "G $interface $gateway"; done
for engine in docker podman; do
  command -v "$engine" >/dev/null || continue
  "$engine" container ls --format '{{.Names}} {{.Image}}' 2>/dev/null | while read -r name image; do
    case $image in *xcat*) ;; *) continue ;; esac
    pid=$("$engine" container inspect --format '{{.State.Pid}}' "$name" 2>/dev/null) || continue
    nsenter -n -t "$pid" ip -o -4 addr show scope global 2>/dev/null | NAME=$name awk '{ print "C", ENVIRON["NAME"], $4; exit }'
    nsenter -n -t "$pid" ip -4 route show default 2>/dev/null | routes | while read -r _ gateway; do echo "R $name $gateway"; done
  done
done
