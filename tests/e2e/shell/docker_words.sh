# All that an engine tells of what it holds: inspect, logs, processes, environment, history.
# shellcheck disable=SC2046 # IDs are words
docker inspect $(docker ps -aq) $(docker images -aq) $(docker volume ls -q)
for id in $(docker ps -q); do
  docker logs "$id"
  docker top "$id"
  docker exec "$id" env
done 2>&1
for id in $(docker images -q); do docker history --no-trunc "$id"; done
