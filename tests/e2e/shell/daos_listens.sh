# NAME: waits until the server in this container listens; what it has said instead.
tries=60
until docker logs "$1" 2>&1 | grep -q 'listening on'; do
  [ $((tries -= 1)) -gt 0 ] || { docker logs "$1" 2>&1 | tail -n 5; exit; }
  sleep 0.5
done
echo it listens
