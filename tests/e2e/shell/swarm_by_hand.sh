# swarm_by_hand SERVICE: a stack with this service (in JSON) is deployed, and taken away again.

printf 'version: "3.8"\nservices: {bad: %s}\n' "$1" >/tmp/other.yml
docker stack deploy -c /tmp/other.yml other >/dev/null 2>&1
echo "docker says $?"
docker stack rm other >/dev/null 2>&1
