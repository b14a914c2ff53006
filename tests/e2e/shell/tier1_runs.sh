# What runs, and since when: it must be the same after a restart of the engine.
docker ps --no-trunc --format '{{.ID}}'
docker inspect -f '{{.State.StartedAt}} {{.State.Pid}}' worker
