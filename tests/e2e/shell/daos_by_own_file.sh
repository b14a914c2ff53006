# FILE [PROGRAM]: a compose file of somebody's own, project and folder of another name. PROGRAM: what
# sed does to the server's configuration.
set -eu
exec 2>&1
mkdir -p /opt/storage
cd /opt/storage
sed "${2-}" /opt/daos/utils/docker/examples/daos-server/el8/daos_server.yml >server.yml
cp /opt/daos/utils/docker/examples/daos-agent/el8/daos_agent.yml agent.yml
printf '%s\n' "$1" >compose.yml
docker compose --project-name tank up --detach
