# running DOCKER-FORMAT PODMAN-FORMAT IMAGE-FORMAT FOLDER...
# All containers of a host, a line each, by tabs: C, ENGINE, the columns of the engine's FORMAT,
# what IMAGE-FORMAT makes of its image, the names of the variables that its image does not give it,
# the files in the FOLDERs of units and quadlets that start it. Of an engine that is there and does
# not answer: E, ENGINE, what it said. No value of a variable is printed.
# shellcheck source=units_lib.sh
. ./units_lib.sh
docker_format=$1 podman_format=$2 image_format=$3
shift 3
tab=$(printf '\t')
variables='{{println}}{{range .Config.Env}}{{print "V"}}{{println (json .)}}{{end}}'

# containers ENGINE FORMAT
# Images come first, each with its variables, then the containers.
# shellcheck disable=SC2046,SC2086 # one word for each
containers() {
  ids=$("$1" container ls -aq --no-trunc 2>&1) || {
    printf 'E\t%s\t%s\n' "$1" "$(printf '%s\n' "$ids" | tail -n 1 | tr '\t' ' ')"
    return
  }
  [ -n "$ids" ] || return 0
  rows=$("$1" container inspect --format "C$tab$1$tab$2$variables" $ids 2>/dev/null) || {
    printf 'E\t%s\tit does not tell all of its containers\n' "$1"
    return
  }
  images=$("$1" container inspect --format '{{.Image}}' $ids 2>/dev/null | sort -u)
  {
    "$1" image inspect --format "I$tab{{.Id}}$tab$image_format$variables" $images 2>/dev/null
    printf '%s\n' "$rows"
  } | awk -F '\t' '
    function flush() { if (row != "") print row "\t" names }
    /^I\t/ { image = $2; text[image] = $3; next }
    /^C\t/ { flush(); image = $5; row = $0 "\t" text[image]; names = ""; next }
    !/^V/ { next }
    row == "" { given[image, $0]; next }
    (image, $0) in given { next }
    {
      name = substr($0, 3)
      sub(/=.*/, "", name)
      if (name !~ /^(PATH|HOSTNAME|HOME|TERM|container|container_uuid)$/) names = names name " "
    }
    END { flush() }'
}

files=$(unit_files "$@")
for engine in docker podman; do
  command -v "$engine" >/dev/null || continue
  format=$podman_format
  if [ "$engine" = docker ]; then
    # a docker that is Podman itself shows what Podman has
    case $(docker --version 2>/dev/null) in *podman*) continue ;; esac
    format=$docker_format
  fi
  containers "$engine" "$format"
done | while IFS= read -r line; do
  name=$(printf '%s\n' "$line" | cut -f 3)
  # shellcheck disable=SC2086 # one word for each
  printf '%s\t%s\n' "$line" "$(units "${name#/}" "$line" $files | tr '\n' ' ')"
done
