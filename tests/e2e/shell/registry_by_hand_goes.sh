# Nothing of a registry that somebody started by hand stays.
docker rm -fv registry triumf-registry >/dev/null 2>&1
rm -rf /opt/registry /usr/local/share/ca-certificates/by-hand.crt
update-ca-certificates --fresh >/dev/null 2>&1
