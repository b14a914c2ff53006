# Included by programs that ask the registry by its API, as whom this host is logged in. They set
# $host (HOST:PORT, or "" where the site has none) and $authority (a file that may be missing). The
# password goes from the engine's own file to curl's stdin.

# shellcheck source=../../../../fairlead/operations/image/shell/images_lib.sh
. ../../../../fairlead/operations/image/shell/images_lib.sh
# shellcheck source=../../common/shell/manifests.sh
. ../../common/shell/manifests.sh
[ -f "$authority" ] || authority=''
# shellcheck disable=SC2154
auth=$(tr -d ' \t\n' <"${HOME:-/root}/.docker/config.json" 2>/dev/null |
  sed -n "s|.*\"$host\":{\"auth\":\"\([^\"]*\)\".*|\1|p")

# request PATH CURL-WORD...
request() {
  path=$1
  shift
  printf 'header = "Authorization: Basic %s"\n' "$auth" |
    fetch ${authority:+--cacert "$authority"} -K - "$@" "https://$host/v2/$path"
}

# refuse SENTENCE CODE
refuse() {
  echo "$1" >&2
  exit "$2"
}

# Is it there, and are we let in? Else a sentence, and exit code 14 or 15.
reach() {
  case $(request '' -o /dev/null -w '%{http_code}' 2>/dev/null) in
    200) ;;
    401) refuse "$host does not let this host in: is it logged in (~/.docker/config.json)?" 14 ;;
    *) refuse "$host cannot be reached" 15 ;;
  esac
}

# digest_of NAME TAG: prints the digest that the registry has for it.
digest_of() {
  request "$1/manifests/$2" -I 2>/dev/null | digest_in_headers
}

# configuration_of NAME TAG: prints the image's configuration, JSON; of an index, that of its first
# image.
configuration_of() {
  manifest=$(request "$1/manifests/$2" 2>/dev/null)
  part=$(printf '%s\n' "$manifest" | first_manifest)
  [ -z "$part" ] || manifest=$(request "$1/manifests/$part" 2>/dev/null)
  config=$(printf %s "$manifest" | tr -d ' \t\n' |
    sed -n 's/.*"config":{[^}]*"digest":"\([^"]*\)".*/\1/p')
  [ -n "$config" ] && request "$1/blobs/$config" -L 2>/dev/null
}

# label CONFIGURATION NAME: prints what fairlead noted under this name.
label() {
  printf %s "$1" | grep -o "\"fairlead[.]image[.]$2\":\"[^\"]*\"" | head -n 1 | cut -d'"' -f4
}

# is_as_built CONFIGURATION
# Is it what was built: the one layer that its label names, by one step? Whoever commits or builds
# on it inherits the labels, and adds a layer or a step. An image from before there was the label
# has to have one layer.
is_as_built() {
  [ "$(printf %s "$1" | grep -o '"created":"' | wc -l)" -le 2 ] || return 1
  layers=$(printf %s "$1" | tr -d ' \t\n' | sed -n 's/.*"diff_ids":\[\([^]]*\)\].*/\1/p' | tr -d '"')
  is_layer "$layers" "$(label "$1" layer)"
}

# label_packages: prints the packages out of the configuration on stdin, in parts, a line each.
label_packages() {
  grep -o '"fairlead[.]image[.]packages[.][0-9]*":"[^"]*"' | cut -d'"' -f4
}

# has_digest REFERENCE DIGEST: does the engine know the image here by this digest of its repository?
has_digest() {
  docker image inspect -f '{{range .RepoDigests}}{{println .}}{{end}}' "$1" |
    grep -qxF "${1%:*}@$2"
}

# has_recipe CONFIGURATION RECIPE: is it of this recipe, and as it was built?
has_recipe() { [ "$(label "$1" recipe)" = "$2" ] && is_as_built "$1"; }
