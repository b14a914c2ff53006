# CERTIFICATE KEY AUTHORITY PASSWORDS ADDRESS: Debian's package, configured by hand as the document does.
# shellcheck source=registry_lib.sh
. ./registry_lib.sh
set -eu
exec 2>&1
laid_out "$1" "$2" "$3" "$4" /etc/docker/registry/registry_passwd
mkdir -p /data/docker/registry
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
answering
