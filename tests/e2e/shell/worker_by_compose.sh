# DOMAIN NAME: a worker as somebody has it in a compose file.
set -eu
exec 2>&1
mkdir -p /tmp/worker
cd /tmp/worker
cat >docker-compose.yml <<END
services:
  worker:
    container_name: $2
    hostname: $2.$1
    image: sl6-umd3condv4
    command: /root/init
    tty: true
    stdin_open: true
    cap_add: [SYS_ADMIN]
    ports: ["4080:4080"]
    restart: always
    volumes:
      - /home:/home
      - /etc/grid-security:/etc/grid-security:ro
      - /cvmfs:/cvmfs
      - /var/log/$2:/var/log/condor
END
docker compose up -d
