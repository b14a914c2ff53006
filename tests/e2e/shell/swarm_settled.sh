# swarm_settled: prints the services once one of them has all its tasks; one that ends counts.

services() { docker service ls --format '{{.Name}} {{.Replicas}}'; }
tries=120
until services | grep -q ' 3/3$' || [ $((tries -= 1)) = 0 ]; do sleep 0.5; done
services
