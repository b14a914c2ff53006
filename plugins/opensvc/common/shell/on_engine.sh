# on_engine "SOCKET..." WORD...: says the words to the engine whose socket is there; "": to the
# node's own.
#
# Exit codes: that of the words; 3 none of them is there.

sockets=$1
shift
[ -n "$sockets" ] || exec "$@"
for socket in $sockets; do
  [ ! -S "$socket" ] || {
    DOCKER_HOST=unix://$socket
    export DOCKER_HOST
    exec "$@"
  }
done
echo "the engine of this service does not run here: inv opensvc.status tells where it is up" >&2
exit 3
