# leave_last
# A manager leaves the swarm that nobody else is in. 1: others are in it.
[ "$(docker info --format '{{.Swarm.LocalNodeState}}')" = active ] || exit 0
[ "$(docker node ls -q | wc -l)" = 1 ] || { echo "others have joined meanwhile: it stays" >&2; exit 1; }
docker swarm leave --force
