# daos_certificates FILE: how many bytes of it another uid reads in a container.

docker run --rm --user 12345:12345 -v "$1:/run/secrets/certs.txz:ro" --entrypoint sh \
  perfsonar/testpoint:latest -c 'wc -c </run/secrets/certs.txz'
