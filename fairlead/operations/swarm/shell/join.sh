# join "ID ADDRESS", the token by stdin
# Join the swarm of this manager. `docker swarm join` has the token among its words, where every user
# of the host reads it: hence the API. 3: no curl; 4: the API does not answer; 5: the manager cannot
# be reached; 6: refused.
command -v curl >/dev/null || exit 3
manager=${1#* }
socket=$(docker context inspect --format '{{.Endpoints.docker.Host}}') || exit 4
IFS= read -r token || [ -n "$token" ] || exit 4
status=$(printf '{"ListenAddr":"0.0.0.0:2377","RemoteAddrs":["%s"],"JoinToken":"%s"}' "$manager" "$token" |
  curl -s -m 60 -o /dev/null -w '%{http_code}' --unix-socket "${socket#unix://}" \
    -H 'Content-Type: application/json' --data-binary @- http://docker/swarm/join) || exit 4
case $status in 200) ;; 503) exit 5 ;; *) exit 6 ;; esac
