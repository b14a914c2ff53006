# CERTIFICATE KEY AUTHORITY PASSWORDS OPTION...: a registry as Docker's manual starts it, all of it in
# variables; the host believes the authority.
# shellcheck source=registry_lib.sh
. ./registry_lib.sh
set -eu
exec 2>&1
laid_out "$1" "$2" "$3" "$4" /opt/registry/auth/htpasswd
shift 4
docker run -d "$@" --restart=always --name registry -v /opt/registry/auth:/auth \
  -e REGISTRY_AUTH=htpasswd -e 'REGISTRY_AUTH_HTPASSWD_REALM=Registry Realm' \
  -e REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd -v /opt/registry/certs:/certs \
  -e REGISTRY_HTTP_ADDR=0.0.0.0:5000 \
  -e REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=/var/lib/registry -e REGISTRY_HTTP_TLS_CERTIFICATE=/certs/domain.crt \
  -e REGISTRY_HTTP_TLS_KEY=/certs/domain.key -v /opt/registry/images:/var/lib/registry registry:3
answering
