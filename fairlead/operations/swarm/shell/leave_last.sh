# leave_last
# A manager leaves the swarm that nobody else is in. 1: others are in it.
state=$(docker info --format '{{.Swarm.LocalNodeState}}') || exit 1
[ "$state" = active ] || exit 0
nodes=$(docker node ls -q) || exit 1
[ "$(echo "$nodes" | wc -l)" = 1 ] || { echo "others have joined meanwhile: it stays" >&2; exit 1; }
docker swarm leave --force
