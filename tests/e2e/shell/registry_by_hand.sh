# CERTIFICATE KEY AUTHORITY PASSWORDS OPTION...: a registry as Docker's manual starts it, all of it in
# variables; the host believes the authority.
set -eu
exec 2>&1
mkdir -p /opt/registry/auth /opt/registry/certs /opt/registry/images
printf %s "$1" >/opt/registry/certs/domain.crt
printf %s "$2" >/opt/registry/certs/domain.key
printf %s "$3" >/usr/local/share/ca-certificates/by-hand.crt
printf %s "$4" >/opt/registry/auth/htpasswd
update-ca-certificates >/dev/null
mkdir -p /etc/docker/certs.d/n1:5000
printf %s "$3" >/etc/docker/certs.d/n1:5000/ca.crt
shift 4
docker run -d "$@" --restart=always --name registry -v /opt/registry/auth:/auth \
  -e REGISTRY_AUTH=htpasswd -e 'REGISTRY_AUTH_HTPASSWD_REALM=Registry Realm' \
  -e REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd -v /opt/registry/certs:/certs \
  -e REGISTRY_HTTP_ADDR=0.0.0.0:5000 \
  -e REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=/var/lib/registry -e REGISTRY_HTTP_TLS_CERTIFICATE=/certs/domain.crt \
  -e REGISTRY_HTTP_TLS_KEY=/certs/domain.key -v /opt/registry/images:/var/lib/registry registry:3
for _ in $(seq 60); do
  curl -sk -o /dev/null https://n1:5000/v2/ && break
  sleep 0.5
done
