# ROOT: the configuration of a registry below it (""; of this host): of a package, of a container that
# has the files of one, or of another container. Lines: S active where the package's unit is, F FILE,
# C NAME of the container that is asked, K KEY: VALUE of the keys that are no secrets, by the last word
# of each, U USER of each who may log in. Nothing where there is none.
root=$1
keys='^ *(addr|host|rootdirectory|certificate|key|path|level):'

# told PASSWORDS: who may log in, of its text
told() { sed -n 's/^\([^:#]*\):.*/U \1/p'; }

# of_container ENGINE NAME
# Its configuration is where its command says; variables REGISTRY_... come before it.
of_container() {
  command=$("$1" container inspect --format '{{range .Config.Cmd}}{{println .}}{{end}}' "$2" | grep '\.yml$' | tail -n 1)
  echo "C $2"
  lines=$({
    [ -z "$command" ] || "$1" container cp "$2:$command" - 2>/dev/null | tar -xOf - 2>/dev/null | grep -E "$keys" | sed 's/^ */K /'
    "$1" container inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$2" | sed -n '
      s/^REGISTRY_HTTP_ADDR=/K addr: /p
      s/^REGISTRY_HTTP_HOST=/K host: /p
      s/^REGISTRY_HTTP_TLS_CERTIFICATE=/K certificate: /p
      s/^REGISTRY_HTTP_TLS_KEY=/K key: /p
      s/^REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=/K rootdirectory: /p
      s/^REGISTRY_LOG_LEVEL=/K level: /p
      s/^REGISTRY_AUTH_HTPASSWD_PATH=/K path: /p'
  })
  printf '%s\n' "$lines" | grep . || :
  passwords=$(printf '%s\n' "$lines" | sed -n 's/^K path: *//p' | tr -d "\"'" | tail -n 1)
  [ -z "$passwords" ] || "$1" container cp "$2:$passwords" - 2>/dev/null | tar -xOf - 2>/dev/null | told
}

for unit in docker-distribution docker-registry; do
  if [ "$(systemctl is-active "$unit" 2>/dev/null)" = active ]; then echo "S active" && break; fi
done
for file in docker-distribution/registry docker/registry distribution; do
  file=/etc/$file/config.yml
  [ -f "$root$file" ] || continue
  echo "F $file"
  grep -E "$keys" "$root$file" | sed 's/^ */K /'
  passwords=$root$(sed -n 's/^ *path: *//p' "$root$file" | tr -d "\"'" | head -n 1)
  if [ -f "$passwords" ]; then told <"$passwords"; fi
  exit
done
for engine in docker podman; do
  command -v "$engine" >/dev/null || continue
  "$engine" container ls --format '{{.Names}} {{.Image}}' 2>/dev/null | while read -r name image; do
    image=${image##*/}
    case ${image%%[:@]*} in registry | distribution) of_container "$engine" "$name" ;; esac
  done
done
