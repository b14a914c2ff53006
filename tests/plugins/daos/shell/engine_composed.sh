# A stand-in for Docker with a server and a client of Compose's, a web server, a server, an agent and
# dmg by docker run, and three that are none of DAOS's parts; FOLDER: where Compose was. It fills in no template.
row() {
  files=${5:+$5/docker-compose.$4.yml}
  printf '/%s\t%s\t%s\t%s\t%s\t%s\t\t.\n' "$1" "$2" "$3" "${files:+daos_${4%%_*}}" "$files" "${5-}"
}
config() {
  mkdir -p "$FOLDER/tar/$1"
  printf '%s\n' "$3" >"$FOLDER/tar/$1/$2"
  tar -cf - -C "$FOLDER/tar/$1" "$2"
}
case "$1 $2" in
  "container ls") printf '%s\n' 1 2 3 4 5 6 7 8 9 ;;
  "container inspect")
    row daos-daos_server-1 x "sh start" server "$FOLDER"
    printf '/web-1\tnginx\tnginx\tweb\t/srv/web.yml\t/srv\t\t.\n'
    row daos-daos_client-1 x "sh" client_sa "$FOLDER"
    row storage registry:5000/site/daos-server-el8@sha256:1 "sh start -o /srv/own.yml"
    row mine agent:1 "/usr/bin/daos_agent start"
    row dmg site/daos_admin:1 "sh"
    row spdk daos-spdk_setup:v2.6.0 "setup.sh status"
    row exporter daos-server-exporter:1 "exporter daos_server"
    row asks x "curl http://daos-server/ daos_agent"
    ;;
  "exec daos-daos_server-1") printf 'version\t2.6.3-4.el9\n' ;;
  "cp -L")
    case $3 in
      daos-daos_server-1:/etc/daos/daos_server.yml) config a daos_server.yml 'port: 10001' ;;
      storage:/srv/own.yml) config b own.yml 'port: 1' ;;
      *) exit 1 ;;
    esac
    ;;
  *) exit 1 ;;
esac
