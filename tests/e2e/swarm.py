"""A swarm of the lab's hosts as it is, seen from below."""

from tests.e2e.ground import each

LEAVE = """docker stack ls --format '{{.Name}}' 2>/dev/null | xargs -r docker stack rm >/dev/null 2>&1
docker swarm leave --force >/dev/null 2>&1
tries=50; while docker ps -aq --filter label=com.docker.stack.namespace | grep -q . && [ $((tries -= 1)) -gt 0 ]; do sleep 0.2; done
docker network rm docker_gwbridge >/dev/null 2>&1
rm -rf /var/lib/beacon"""
# SERVICE OVER FILE: until OVER is there, once after the other, which secret each container of the service has at this moment, by its sha256
WATCH = """while [ ! -e "$2" ]; do
  seen=
  for c in $(docker ps -q --filter "label=com.docker.swarm.service.name=$1"); do
    sum=$(docker exec "$c" sha256sum "/run/secrets/$3" 2>/dev/null) && seen="$seen ${sum%% *}"
  done
  echo "${seen:- none}"
done"""
MOUNTED = """docker exec "$(docker ps -q --filter "label=com.docker.swarm.service.name=$1" | head -n 1)" sha256sum "/run/secrets/$2\""""
SECRETS = "docker secret ls --format '{{.Name}}'"


def sums(service: str, file: str, *hosts: str) -> set[str]:
    """The sha256 of a secret in the containers of a service; one where all have the same."""
    return {
        said.split()[0] if said else "none"
        for said in each(MOUNTED, service, file, **({"hosts": hosts} if hosts else {})).values()
    }
