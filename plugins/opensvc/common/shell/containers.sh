# To be included. `container_id FILTER` prints the ID of a container, whether it runs or not.

container_id() { docker container ls -aq --no-trunc --filter "$1"; }
