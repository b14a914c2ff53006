# swarm_leave: the host is in no swarm, and nothing of its stacks is left.

docker stack ls --format '{{.Name}}' 2>/dev/null |
  xargs -r docker stack rm >/dev/null 2>&1
docker swarm leave --force >/dev/null 2>&1
tries=50
while docker ps -aq --filter label=com.docker.stack.namespace | grep -q . &&
  [ $((tries -= 1)) -gt 0 ]; do
  sleep 0.2
done
docker network rm docker_gwbridge >/dev/null 2>&1
rm -rf /var/lib/beacon
