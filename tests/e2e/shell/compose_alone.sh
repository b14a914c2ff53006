# Compose as a program of its own, which docker has no plugin of.
mv /usr/libexec/docker/cli-plugins/docker-compose /usr/local/bin/docker-compose
rm -f /usr/bin/docker-compose
