# FILE SERVICE OVERRIDE: as the document starts a server, in the checkout; OVERRIDE: of a file laid
# over it. Its container is called `run`.
set -eu
exec 2>&1
cd /opt/daos/utils/docker/examples
printf '%s\n' "$3" >../over.yml
docker compose --file "docker-compose.$1.yml" --file ../over.yml run --rm --detach --name run "$2"
