# IMAGE: upstream's line of today as a compose file.
set -eu
exec 2>&1
mkdir -p /tmp/xcat
cd /tmp/xcat
cat >docker-compose.yml <<END
services:
  xcat:
    container_name: xcatmn
    hostname: xcatmn
    image: $1
    network_mode: host
    privileged: true
    restart: always
    volumes:
      - /sys/fs/cgroup:/sys/fs/cgroup:ro
      - xcatdata:/xcatdata
      - /tmp/xcat/customer_data:/customer_data
volumes:
  xcatdata:
END
docker compose up -d
