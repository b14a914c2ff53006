# CERTIFICATE KEY AUTHORITY PASSWORDS ADDRESS: Debian's package, configured by hand as the document does.
set -eu
exec 2>&1
mkdir -p /opt/registry/certs /data/docker/registry
printf %s "$1" >/opt/registry/certs/domain.crt
printf %s "$2" >/opt/registry/certs/domain.key
printf %s "$3" >/usr/local/share/ca-certificates/by-hand.crt
printf %s "$4" >/etc/docker/registry/registry_passwd
update-ca-certificates >/dev/null
mkdir -p /etc/docker/certs.d/n1:5000
printf %s "$3" >/etc/docker/certs.d/n1:5000/ca.crt
cat >/etc/docker/registry/config.yml <<END
version: 0.1
log:
  level: debug
storage:
  filesystem:
    rootdirectory: /data/docker/registry
http:
  addr: $5:5000
  host: https://n1:5000
  debug:
    addr: localhost:5001
  tls:
    certificate: /opt/registry/certs/domain.crt
    key: /opt/registry/certs/domain.key
auth:
  htpasswd:
    realm: basic-realm
    path: /etc/docker/registry/registry_passwd
END
chown -R docker-registry /data /opt/registry /etc/docker/registry/registry_passwd
systemctl enable --now docker-registry
for _ in $(seq 60); do
  curl -sk -o /dev/null https://n1:5000/v2/ && break
  sleep 0.5
done
