# opensvc_running SERVICE: each of its containers, its ID and its start.

DOCKER_HOST=unix:///opt/opensvc/var/$1/docker.sock
export DOCKER_HOST
docker ps --no-trunc --format '{{.Names}}' | sort |
  xargs docker inspect -f '{{.Name}} {{.Id}} {{.State.StartedAt}}'
