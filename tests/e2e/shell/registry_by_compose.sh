# CERTIFICATE KEY AUTHORITY PASSWORDS: a registry as somebody has it in a compose file, with a
# configuration of its own, its images beside it, in the network of its project.
set -eu
exec 2>&1
mkdir -p /opt/registry/conf /opt/registry/certs /opt/registry/data
cd /opt/registry
printf %s "$1" >certs/domain.crt
printf %s "$2" >certs/domain.key
printf %s "$3" >/usr/local/share/ca-certificates/by-hand.crt
printf %s "$4" >conf/htpasswd
update-ca-certificates >/dev/null
mkdir -p /etc/docker/certs.d/n1:5000
printf %s "$3" >/etc/docker/certs.d/n1:5000/ca.crt
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
for _ in $(seq 60); do
  curl -sk -o /dev/null https://n1:5000/v2/ && break
  sleep 0.5
done
