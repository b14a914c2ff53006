# Compose as Debian's package has it.
rm -rf /usr/local/lib/docker/cli-plugins
mv /usr/local/bin/docker-compose /usr/libexec/docker/cli-plugins/docker-compose
ln -sf ../libexec/docker/cli-plugins/docker-compose /usr/bin/docker-compose
