# Can this kernel have sets of addresses (ip_set)? It loads nothing. Exit code 0: yes, 1: no, 2: nobody
# can tell.
[ ! -e /sys/module/ip_set ] || exit 0
command -v modprobe >/dev/null || exit 2
modprobe -n -q ip_set || exit 1
