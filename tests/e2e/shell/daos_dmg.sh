# WORD...: dmg, by hand, once.
docker run --rm --net=host -v /opt/daos/secrets/daos_admin-certs.txz:/run/secrets/daos_admin-certs.txz:ro \
  daos-admin:rocky8.6 -c '"$@"' daos dmg "$@" 2>&1
