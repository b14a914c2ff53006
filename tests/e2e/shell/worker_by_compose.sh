# DOMAIN NAME: the document's worker as somebody has it in a compose file, in the network of its project.
set -eu
exec 2>&1
mkdir -p /tmp/worker
install -d -m 1777 "/var/log/$2"
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
    restart: always
    cap_add: [SYS_ADMIN]
    mem_limit: 512m
    ports: ["4080:4080"]
    volumes:
      - /home:/home
      - /etc/grid-security:/etc/grid-security
      - /cvmfs:/cvmfs
      - /opt/glite:/opt/glite
      - /etc/localtime:/etc/localtime
      - /var/log/$2:/var/log/condor
END
docker compose up -d
