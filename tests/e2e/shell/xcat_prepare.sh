# INTERFACES GATEWAY OTHER RUNC: a docker host with ifupdown's files. A machine that is itself a
# container may lack a capability that an older engine asks for in every privileged container: there
# RUNC, a program, leaves it out.
interfaces=$1 gateway=$2 other=$3 runc=$4
mkdir -p /etc/network
printf %s "$interfaces" >/etc/network/interfaces
if ! grep -q 'CapBnd:.*ffffffffff$' /proc/self/status; then
  printf %s "$runc" >/usr/local/sbin/runc
  chmod 755 /usr/local/sbin/runc
fi
ip route replace default via "$gateway"
ip route replace 192.0.2.0/24 via "$other"
