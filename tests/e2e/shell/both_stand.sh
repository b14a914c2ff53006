# NAME of a container: waits until it answers and the one before it is kept.
until docker exec "$1" pscheduler ping localhost && docker container inspect "$1.previous"; do
  sleep 0.2
done
