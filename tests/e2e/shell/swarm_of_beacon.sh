# swarm_of_beacon: stacks, containers, and networks of the stack beacon.

docker stack ls --format '{{.Name}}'
docker ps -aq
docker network ls -q --filter label=com.docker.stack.namespace=beacon
