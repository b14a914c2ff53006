# An agent's image in a container of Podman, where nothing of it runs.
set -eu
exec 2>&1
docker save daos-agent:rocky8.6 | podman load
image=$(podman images --format '{{.Repository}}:{{.Tag}}' | grep daos-agent)
podman run -d --name agent --network=host --entrypoint sleep "$image" 600
