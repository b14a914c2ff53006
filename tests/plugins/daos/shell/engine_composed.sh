# A stand-in for Docker with a server and a client of Compose's, and a web server; FOLDER: where
# Compose was. It fills in no template.
tab=$(printf '\t')
case "$1 $2" in
  "container ls") printf '%s\n' 1 2 3 ;;
  "container inspect")
    printf '/%s\n' "daos-daos_server-1${tab}daos_server${tab}$FOLDER/docker-compose.server.yml${tab}$FOLDER" \
      "web-1${tab}web${tab}/srv/web.yml${tab}/srv" \
      "daos-daos_client-1${tab}daos_client${tab}$FOLDER/docker-compose.client_sa.yml${tab}$FOLDER"
    ;;
  "exec daos-daos_server-1") [ "$4" = /etc/daos/daos_server.yml ] && printf 'port: 10001\n' ;;
  *) exit 1 ;;
esac
