# Containers that Compose has started from DAOS's files, whether fairlead did or somebody else. Lines:
# C NAME SERVICE FILES FOLDER for each, by tabs; V NAME=VALUE of the .env in its FOLDER; Y NAME and
# its configuration in base64, where it runs. No certificate is read.
tab=$(printf '\t')
about="{{.Name}}$tab{{index .Config.Labels \"com.docker.compose.service\"}}"
about="$about$tab{{index .Config.Labels \"com.docker.compose.project.config_files\"}}"
about="$about$tab{{index .Config.Labels \"com.docker.compose.project.working_dir\"}}"
ids=$(docker container ls -aq --filter label=com.docker.compose.service 2>/dev/null) || exit 0
[ -n "$ids" ] || exit 0
# shellcheck disable=SC2086 # one word for each
docker container inspect --format "$about" $ids 2>/dev/null |
  while IFS=$tab read -r name service files folder; do
    case $service in
      daos_server* | daos-server*) config=daos_server.yml ;;
      daos_agent* | daos-agent*) config=daos_agent.yml ;;
      daos_client* | daos-client*) config= ;;
      daos_admin* | daos-admin*) config=daos_control.yml ;;
      *) continue ;;
    esac
    name=${name#/}
    printf 'C\t%s\t%s\t%s\t%s\n' "$name" "$service" "$files" "$folder"
    if [ -f "$folder/.env" ]; then grep -E '^(DAOS|LINUX|RHEL)_[A-Z_]*=' "$folder/.env" | sed "s/^/V$tab/"; fi
    [ -n "$config" ] || continue
    text=$(timeout 10 docker exec "$name" cat "/etc/daos/$config" </dev/null 2>/dev/null | base64 | tr -d '\n')
    if [ -n "$text" ]; then printf 'Y\t%s\t%s\n' "$name" "$text"; fi
  done
