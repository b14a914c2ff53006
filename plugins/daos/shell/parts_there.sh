# Docker's containers that are parts of DAOS, whether fairlead started them or somebody else: by the
# service that Compose has them as, by their image's name, by the program that they run. Lines, by tabs:
# C NAME PART FILES FOLDER for each, FILES and FOLDER of Compose; V NAME=VALUE of the variables of its
# files; Y NAME and its configuration in base64; I NAME KEY VALUE of what part_inside.sh tells, which
# is INSIDE. No certificate is read.
set -f
inside=$1 tab=$(printf '\t')
label() { printf '{{index .Config.Labels "com.docker.compose.%s"}}' "$1"; }
about="{{.Name}}$tab{{.Config.Image}}$tab{{.Path}} {{join .Args \" \"}}$tab$(label service)"
about="$about$tab$(label project.config_files)$tab$(label project.working_dir)"
about="$about$tab$(label project.environment_file)$tab."

# part SERVICE IMAGE PROGRAM ARGUMENT...: which it is; nothing where it is none. That another program is
# told the name of one, by its arguments, makes it none.
part() {
  case $1 in daos[_-]server* | daos[_-]agent* | daos[_-]client* | daos[_-]admin*)
    service=${1#daos[_-]}
    echo "${service%%[!a-z]*}"
    return
    ;;
  esac
  image=${2##*/}
  image=${image%%[:@]*}
  case $image in *[_-]el[0-9] | *[_-]el[0-9][0-9] | *[_-]leap[0-9]*) image=${image%[_-]*} ;; esac
  case $image in
    *daos[_-]server) echo server && return ;;
    *daos[_-]agent) echo agent && return ;;
    *daos[_-]client | *daos[_-]client[_-][bsg][mat]) echo client && return ;;
    *daos[_-]admin) echo admin && return ;;
  esac
  case "${3##*/} ${4##*/}" in # a shell may stand before it
    daos_server\ * | run-daos_server\ * | *sh\ daos_server | *sh\ run-daos_server) echo server ;;
    daos_agent\ * | run-daos_agent\ * | *sh\ daos_agent | *sh\ run-daos_agent) echo agent ;;
  esac
}

ids=$(docker container ls -aq 2>/dev/null) || exit 0
[ -n "$ids" ] || exit 0
# shellcheck disable=SC2086 # one word for each
docker container inspect --format "$about" $ids 2>/dev/null |
  sed "s/$tab<no value>/$tab/g; s/$tab/ $tab/g" | # read makes one of two tabs
  while IFS=$tab read -r name image words service files folder env _; do
    name=${name#/} name=${name% } service=${service% } files=${files% } folder=${folder% } env=${env% }
    # shellcheck disable=SC2086 # one word for each
    part=$(part "$service" "${image% }" $words -)
    case $part in
      server | agent) config=/etc/daos/daos_$part.yml ;;
      admin) config=/etc/daos/daos_control.yml ;;
      client) config= ;;
      *) continue ;;
    esac
    other=$(printf '%s\n' "$words" | sed -n 's/.* \(-o\|--config-path\)[ =]\([^ ]*\).*/\2/p')
    printf 'C\t%s\t%s\t%s\t%s\n' "$name" "$part" "$files" "$folder"
    env=${env:-${folder:+$folder/.env}}
    if [ -f "$env" ]; then grep -E '^(DAOS|LINUX|RHEL)_[A-Z_]*=' "$env" | sed "s/^/V$tab/"; fi
    timeout 10 docker exec "$name" sh -c "$inside" </dev/null 2>/dev/null | sed "s/^/I$tab$name$tab/"
    [ -n "$config" ] || continue
    text=$(timeout 10 docker cp -L "$name:${other:-$config}" - 2>/dev/null | tar -xOf - 2>/dev/null |
      base64 | tr -d '\n')
    if [ -n "$text" ]; then printf 'Y\t%s\t%s\n' "$name" "$text"; fi
  done
