# ROOT: the registry has lost all that it held.
systemctl stop docker-registry
rm -rf "${1:?}/docker"
systemctl start docker-registry
