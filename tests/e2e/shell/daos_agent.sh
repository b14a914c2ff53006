# daos_agent FOLDER TARBALL: what is in the agent's image becomes a folder of this host, in which
# the agent is started outside of any container.

set -eu
mkdir -p "$1" && cd "$1"
id=$(docker create daos-agent:rocky8.6)
docker export "$id" | tar -xf -
docker rm "$id" >/dev/null
mkdir -p run/secrets
cp "$2" run/secrets/
cp /etc/hosts etc/hosts
[ -c dev/null ] || {
  rm -f dev/null
  mknod -m 666 dev/null c 1 3
}
[ -c dev/urandom ] || mknod -m 666 dev/urandom c 1 9
setsid chroot "$1" run-daos_agent start </dev/null >agent.log 2>&1 &
echo $! >agent.pid
tries=50
until [ -S run/daos_agent/daos_agent.sock ]; do
  [ $((tries -= 1)) -gt 0 ] || {
    cat agent.log
    exit 1
  }
  sleep 0.2
done
echo ready
