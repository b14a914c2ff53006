# published ENGINE IMAGE...
# What its registry has of each IMAGE (NAME:TAG) for this host's architecture, by its own API: nothing is
# pulled. Prints a line for each: IMAGE and "none", where the registry knows no such one; or IMAGE, its
# manifest, the one for this architecture and its configuration (- for what is not there), these three in
# base64. Nothing is printed of one whose registry could not be asked.
# shellcheck source=registry.sh
. ./registry.sh
exec 2>/dev/null
engine=$1
shift
command -v curl >/dev/null || exit 2
case $(uname -m) in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; *) arch=$(uname -m) ;; esac

# enter BASE: sets base, way (a line of curl's configuration) and code, the registry's answer.
enter() {
  base=$1 url=$1/manifests/$tag way=$(basic "$login")
  headers=$(ask_head "$url" "$way") || return 1
  token=$(token_of "$headers" "$login")
  if [ -n "$token" ]; then
    way=$(bearer "$token")
    headers=$(ask_head "$url" "$way") || return 1
  fi
  code=$(printf '%s\n' "$headers" | awk '/^HTTP\// { code = $2 } END { print code }')
}

# fetch PATH
fetch() {
  printf '%s\n' "$way" | curl -sfL -m 60 ${authority:+--cacert "$authority"} -K - \
    -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' \
    -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
    -H 'Accept: application/vnd.docker.distribution.manifest.list.v2+json' \
    -H 'Accept: application/vnd.oci.image.index.v1+json' "$base/$1" | tr -d '\n\t'
}

# digest_in TEXT: prints the first digest in it
digest_in() { printf '%s' "$1" | grep -o '"digest": *"[^"]*"' | head -n 1 | cut -d'"' -f4; }

# chosen MANIFEST: the manifest for this architecture, which may be that one itself.
chosen() {
  case $1 in *'"manifests"'*) ;; *) printf '%s' "$1"; return ;; esac
  entry=$(printf '%s' "${1#*\"manifests\"}" | sed 's/}, *{/}\
{/g' | grep "\"architecture\": *\"$arch\"" | head -n 1)
  [ -z "$entry" ] || fetch "manifests/$(digest_in "$entry")"
}

# word TEXT: prints it in base64, as a word
word() { if [ -n "$1" ]; then printf ' %s' "$(printf '%s' "$1" | base64 | tr -d '\n')"; else printf ' -'; fi; }

# tell: the line of $image, which the registry has
tell() {
  manifest=$(fetch "manifests/$tag") || return
  own=$(chosen "$manifest") || return
  config=
  if [ -n "$own" ]; then config=$(fetch "blobs/$(digest_in "${own#*\"config\"}")") || return; fi
  printf '%s%s%s%s\n' "$image" "$(word "$manifest")" "$(word "$own")" "$(word "$config")"
}

# ask: the line of $image
ask() {
  locate "$image"
  login=$(login_of "$registry")
  if ! enter "https://$place/v2/$name"; then
    is_open || return
    enter "http://$place/v2/$name" || return
  fi
  case $code in 200) tell ;; 404) printf '%s none\n' "$image" ;; esac
}

# is_open: does the engine know the registry as one without TLS?
is_open() { is_plain "$registry" || { [ "$engine" = docker ] && is_insecure; }; }

for image; do ask; done
