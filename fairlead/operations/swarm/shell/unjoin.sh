# unjoin "ID ADDRESS"
# What join began is taken back; a swarm of somebody else is never left.
id=${1%% *}
state=$(docker info --format '{{.Swarm.LocalNodeState}} {{range .Swarm.RemoteManagers}}{{.NodeID}} {{end}}') || exit 1
case $state in
  inactive*) ;;
  pending* | error*) docker swarm leave --force ;;
  *" $id "*) docker swarm leave ;;
esac
