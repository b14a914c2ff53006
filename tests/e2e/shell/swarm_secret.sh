# swarm_secret SERVICE FILE: the sha256 of a secret in the first container of a service here.

id=$(docker ps -q --filter "label=com.docker.swarm.service.name=$1" | head -n 1)
docker exec "$id" sha256sum "/run/secrets/$2"
