# NAME of a container: as soon as its logs are followed, it says hello in them.
until pgrep -f '[d]ocker logs' >/dev/null; do sleep 0.1; done
docker exec "$1" sh -c "echo hello >/proc/1/fd/1"
