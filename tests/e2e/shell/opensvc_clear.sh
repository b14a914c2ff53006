# opensvc_clear: everything of services and agents goes: engines, mounts, addresses, files.

for socket in /opt/opensvc/var/*/docker.sock /var/lib/opensvc/svc/*/docker.sock; do
  [ ! -S "$socket" ] ||
    docker -H "unix://$socket" ps -q |
    xargs -r docker -H "unix://$socket" kill >/dev/null 2>&1
done
pkill -x docker 2>/dev/null
pkill -f 'unix:///(opt|var/lib)/opensvc' 2>/dev/null
tries=100
while pgrep -f 'dockerd -H unix:///(opt|var/lib)/opensvc' >/dev/null &&
  [ $((tries -= 1)) -gt 0 ]; do
  sleep 0.1
done
awk '$2 ~ "^/(svc|opt/(opensvc|svc))" { print $2 }' /proc/mounts |
  sort -r | xargs -r -n 1 umount -l
ip -o -4 addr show dev eth0 | awk '$4 !~ "\\.[1-9]/" { print $4 }' |
  xargs -r -n 1 -I% ip addr del % dev eth0
docker ps -aq | xargs -r docker rm -fv >/dev/null
docker images -q --no-trunc | sort -u | xargs -r docker rmi -f >/dev/null
rm -f /usr/local/sbin/docker
rm -rf /opt/opensvc /etc/opensvc /var/lib/opensvc /opt/svc /root/svc /usr/local/bin/om \
  /usr/local/bin/vgs /usr/local/lib/om3 /run/opensvc-lies
rm -rf /var/lib/fairlead/* /run/fairlead
rm -f /etc/rc2.d/S19docker
sed -i '/opensvc.test/d' /etc/hosts
mkdir -p /root/svc/a /root/svc/b /root/svc/adata /root/svc/bdata
