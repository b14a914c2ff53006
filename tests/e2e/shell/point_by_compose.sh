# NAME: a test point as somebody has it in a compose file.
set -eu
exec 2>&1
mkdir -p /tmp/points
cd /tmp/points
cat >docker-compose.yml <<END
services:
  testpoint:
    container_name: $1
    image: perfsonar/testpoint
    network_mode: host
    cap_add: [CAP_NET_RAW]
    restart: on-failure
END
docker compose up -d
