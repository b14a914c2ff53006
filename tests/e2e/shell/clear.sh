# Takes everything away that a test may have left on a host.
docker info >/dev/null 2>&1 || systemctl start docker
docker ps -aq | xargs -r docker rm -fv >/dev/null
docker images -q --no-trunc | sort -u | xargs -r docker rmi -f >/dev/null
docker volume ls -q | xargs -r docker volume rm >/dev/null
rm -rf /var/lib/perfsonar-testpoint /var/lib/notice-board /var/lib/fairlead/* /run/fairlead /tmp/* \
  /root/testpoint
