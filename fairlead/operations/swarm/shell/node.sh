# node
# Prints "ID ADDRESS" of this host's node; the address of a manager alone.
docker info --format '{{.Swarm.NodeID}} {{range .Swarm.RemoteManagers}}{{if eq .NodeID $.Swarm.NodeID}}{{.Addr}}{{end}}{{end}}'
