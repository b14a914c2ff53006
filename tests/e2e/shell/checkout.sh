# WORD: /root/testpoint is a checkout whose image says WORD in /etc/built-here; prints its digests.
mkdir -p /root/testpoint && cd /root/testpoint || exit
cat >docker-compose.yml <<'END'
services:
  testpoint:
    build: .
    image: testpoint-of-ours:latest
    network_mode: host
    cap_add: [CAP_NET_RAW]
    restart: always
    volumes:
      - ./compose/psconfig:/etc/perfsonar/psconfig
END
mkdir -p compose/psconfig
echo '{}' >compose/psconfig/pscheduler-agent.json
printf 'FROM perfsonar/testpoint:latest\nRUN echo %s >/etc/built-here\n' "$1" >Dockerfile
sha256sum Dockerfile docker-compose.yml
