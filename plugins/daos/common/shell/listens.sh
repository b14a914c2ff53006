# listens PORT: does anybody listen on a TCP port of this host?
#
# It is looked up in the kernel's own table, for no image has ss for certain.
# Exit codes: 0 yes; 1 no.

port=$(printf %04X "$1")
address='[0-9A-F]*:'
state=0A # TCP_LISTEN
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
  grep -q "^ *[0-9]*: ${address}${port} ${address}[0-9A-F]* ${state} "
