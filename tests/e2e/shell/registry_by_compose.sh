# CERTIFICATE KEY AUTHORITY PASSWORDS: a registry as somebody has it in a compose file, with a
# configuration of its own, its images beside it, in the network of its project.
# shellcheck source=registry_lib.sh
. ./registry_lib.sh
set -eu
exec 2>&1
laid_out "$1" "$2" "$3" "$4" /opt/registry/conf/htpasswd
cd /opt/registry
cat >conf/config.yml <<'END'
version: 0.1
storage:
  filesystem:
    rootdirectory: /var/lib/registry
http:
  addr: :443
  host: https://n1:5000
  tls:
    certificate: /certs/domain.crt
    key: /certs/domain.key
auth:
  htpasswd:
    realm: "our registry"
    path: /etc/distribution/htpasswd
END
cat >docker-compose.yml <<'END'
services:
  hub:
    image: registry:3
    restart: unless-stopped
    ports: ["5000:443"]
    environment:
      REGISTRY_LOG_LEVEL: warn
    volumes:
      - ./conf:/etc/distribution
      - ./certs:/certs:ro
      - ./data:/var/lib/registry
END
docker compose up -d
answering
