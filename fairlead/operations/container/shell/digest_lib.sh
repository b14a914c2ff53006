# Included by programs that ask a registry which digest a name has today.

# digest_today ENGINE IMAGE
# Prints the digest that the registry gives for IMAGE (NAME:TAG, with its registry or of Docker Hub):
# of an index its own, not one of its members'. Nothing where it cannot be asked.
digest_today() {
  case $1 in
    podman) digest_by_skopeo "$2" || digest_by_curl "$2" ;;
    *) digest_by_engine "$1" "$2" || digest_by_curl "$2" ;;
  esac
}

# digest_by_engine ENGINE IMAGE
# Docker's engine asks the registry itself: by its mirrors, its authorities, without TLS where it
# knows that; as whom this host is logged in.
digest_by_engine() {
  socket=$("$1" context inspect --format '{{.Endpoints.docker.Host}}') || return 1
  case $socket in unix://*) ;; *) return 1 ;; esac
  login=$(login_of "$(registry_of "$2")")
  {
    printf 'url = "http://localhost/distribution/%s/json"\n' "$2"
    [ -z "$login" ] || printf 'header = "X-Registry-Auth: %s"\n' "$(engine_login "$login")"
  } | curl -sf -m 30 --unix-socket "${socket#unix://}" -K - | tr -d ' \n' |
    grep -o '"digest":"[a-z0-9]*:[0-9a-f]*"' | head -n 1 | cut -d'"' -f4 | grep .
}

# engine_login USER:PASSWORD
# Prints them as the engine's API takes them: base64 of JSON, in the alphabet of URLs.
engine_login() {
  printf '{"username":"%s","password":"%s"}' "$(escaped "${1%%:*}")" "$(escaped "${1#*:}")" |
    base64 | tr -d '\n' | tr '+/' '-_'
}

# escaped TEXT: as it stands in a string of JSON, or of curl's configuration
escaped() { printf %s "$1" | sed 's/[\\"]/\\&/g'; }

# digest_by_skopeo IMAGE
# As Podman would ask: it reads the same registries.conf, and is logged in where Podman is.
digest_by_skopeo() {
  command -v skopeo >/dev/null || return 1
  raw=$(mktemp) || return 1
  skopeo ${CONTAINERS_REGISTRIES_CONF:+--registries-conf "$CONTAINERS_REGISTRIES_CONF"} \
    inspect --raw "docker://$1" >"$raw" && printf 'sha256:%s\n' "$(sha256sum <"$raw" | cut -d' ' -f1)"
  set -- "$?"
  rm -f "$raw"
  return "$1"
}

# digest_by_curl IMAGE
# The registry's own API, with TLS or, where Podman knows it as one without, without.
digest_by_curl() {
  locate "$1"
  login=$(login_of "$registry")
  headers=$(head_of "https://$place/v2/$name/manifests/$tag" "$login") ||
    { is_plain "$registry" && headers=$(head_of "http://$place/v2/$name/manifests/$tag" "$login"); } || return 1
  printf '%s\n' "$headers" | awk 'tolower($1) == "docker-content-digest:" { print $2 }' | tail -n 1 | grep .
}

# locate IMAGE
# Sets registry, place (its host), name and tag of an image, and authority: the file of certificates
# that its server is checked by, or "".
locate() {
  registry=$(registry_of "$1")
  name=${1#"$registry/"}
  case $registry in docker.io) case $name in */*) ;; *) name=library/$name ;; esac ;; esac
  tag=${name##*:} name=${name%:*}
  place=$registry
  [ "$registry" != docker.io ] || place="registry-1.docker.io"
  authority=
  for file in "/etc/containers/certs.d/$registry/ca.crt" "/etc/docker/certs.d/$registry/ca.crt"; do
    [ ! -f "$file" ] || authority=$file
  done
}

# head_of URL LOGIN: prints the headers of a manifest; with the token that the registry wants, if so.
head_of() {
  headers=$(ask_head "$1" "$(basic "$2")") || return 1
  token=$(token_of "$headers" "$2")
  [ -n "$token" ] || { printf '%s\n' "$headers"; return; }
  ask_head "$1" "$(bearer "$token")"
}

# token_of HEADERS LOGIN: prints the token that a registry which answers so gives; nothing where it
# wants none.
token_of() {
  challenge=$(printf '%s\n' "$1" | grep -i '^www-authenticate: *bearer ' | tail -n 1)
  [ -n "$challenge" ] || return 0
  realm=$(printf '%s\n' "$challenge" | sed -n 's/.*realm="\([^"]*\)".*/\1/p')
  service=$(printf '%s\n' "$challenge" | sed -n 's/.*service="\([^"]*\)".*/\1/p')
  scope=$(printf '%s\n' "$challenge" | sed -n 's/.*scope="\([^"]*\)".*/\1/p')
  basic "$2" | curl -sf -m 30 ${authority:+--cacert "$authority"} -K - -G \
    --data-urlencode "service=$service" --data-urlencode "scope=$scope" "$realm" |
    tr -d ' \n' | sed -n 's/.*"\(access_\)\{0,1\}token":"\([^"]*\)".*/\2/p'
}

# bearer TOKEN: prints it as a line of curl's configuration
bearer() { printf 'header = "Authorization: Bearer %s"\n' "$1"; }

# ask_head URL CONFIGURATION: prints the headers of its answer, whatever it is. 1: there is none.
ask_head() {
  answer=$(printf '%s\n' "$2" | curl -s -m 30 -I ${authority:+--cacert "$authority"} -K - \
    -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' \
    -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
    -H 'Accept: application/vnd.docker.distribution.manifest.list.v2+json' \
    -H 'Accept: application/vnd.oci.image.index.v1+json' "$1") || return 1
  printf '%s\n' "$answer" | tr -d '\r'
}

# basic USER:PASSWORD: prints it as a line of curl's configuration; nothing for nobody
basic() { [ -z "$1" ] || printf 'user = "%s"\n' "$(escaped "$1")"; }

# registry_of IMAGE: prints the registry that it names, or docker.io
registry_of() {
  case ${1%%/*} in
    "$1") echo docker.io ;;
    *[.:]* | localhost) echo "${1%%/*}" ;;
    *) echo docker.io ;;
  esac
}

# is_plain REGISTRY: does Podman know it as one without TLS?
is_plain() {
  command -v podman >/dev/null &&
    [ "$(podman info --format "{{with index .Registries \"$1\"}}{{.Insecure}}{{end}}")" = true ]
}

# login_of REGISTRY
# Prints USER:PASSWORD by which this host is logged in there, from the files of the engines; nothing
# where it is not, or a program of its own keeps it.
login_of() {
  keys=$1
  [ "$1" != docker.io ] || keys='docker.io https://index.docker.io/v1/'
  for file in "${REGISTRY_AUTH_FILE:-/run/containers/0/auth.json}" \
    "${HOME:-/root}/.config/containers/auth.json" "${HOME:-/root}/.docker/config.json"; do
    [ -f "$file" ] || continue
    for key in $keys; do
      word=$(tr -d ' \t\n' <"$file" | sed -n "s|.*\"$key\":{\"auth\":\"\([^\"]*\)\".*|\1|p")
      [ -z "$word" ] || { printf %s "$word" | base64 -d; return; }
    done
  done
}
