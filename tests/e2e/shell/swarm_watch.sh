# swarm_watch SERVICE OVER FILE: until the file OVER is there, once after the other, which secret
# FILE each container of the service has at this moment, by its sha256.

while [ ! -e "$2" ]; do
  seen=
  for c in $(docker ps -q --filter "label=com.docker.swarm.service.name=$1"); do
    sum=$(docker exec "$c" sha256sum "/run/secrets/$3" 2>/dev/null) && seen="$seen ${sum%% *}"
  done
  echo "${seen:- none}"
done
