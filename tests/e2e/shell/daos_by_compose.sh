# FILE SERVICE OVERRIDE: as the document has it, in the checkout; OVERRIDE: of a file laid over it.
set -eu
exec 2>&1
cd /opt/daos/utils/docker/examples
printf '%s\n' "$3" >../over.yml
docker compose --file "docker-compose.$1.yml" --file ../over.yml up --detach "$2"
