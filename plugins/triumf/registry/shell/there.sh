# ROOT: the configuration of a registry below it (""; of this host): of a package whose unit is active,
# else of a container, else of a package that does not serve. Lines: S active where the package's unit
# is, F FILE, C NAME of the container that is asked, K KEY: VALUE of the keys that are no secrets,
# B KEY of a map in braces, U USER of each who may log in. Nothing where there is none.
root=$1

# keys: of the YAML on stdin, those that are no secrets; what is in braces is not read. Of http.debug
# there is an addr, too.
keys() {
  awk '
    BEGIN {
      wanted = "http.addr|http.host|http.tls.certificate|http.tls.key|storage.filesystem.rootdirectory"
      n = split(wanted "|log.level|auth.htpasswd.path", words, "|")
      for (i = 1; i <= n; i++) told[words[i]]
    }
    /^ *(#|$)/ || !/:/ { next }
    {
      value = $0
      sub(/^[^:]*: */, "", value)
      sub(/ +#.*/, "", value)
      indent = match($0, /[^ ]/)
      name = substr($0, indent)
      sub(/:.*/, "", name)
      while (depth && at[depth] >= indent) depth--
      at[++depth] = indent
      path[depth] = depth > 1 ? path[depth - 1] "." name : name
    }
    path[depth] in told && value != "" { print "K " name ": " value }
    path[depth] ~ /^(http|storage|auth|log)$/ && value ~ /^[{]/ { print "B " name }'
}

# told PASSWORDS: who may log in, of its text
told() { sed -n 's/^\([^:#]*\):.*/U \1/p'; }

# of_container ENGINE NAME
# Its configuration is where its command says; variables REGISTRY_... come before it.
of_container() {
  command=$("$1" container inspect --format '{{range .Config.Cmd}}{{println .}}{{end}}' "$2" | grep '\.yml$' | tail -n 1)
  echo "C $2"
  lines=$({
    [ -z "$command" ] || "$1" container cp "$2:$command" - 2>/dev/null | tar -xOf - 2>/dev/null | keys
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

# of_package: of the file of a package, if there is one
of_package() {
  for file in docker-distribution/registry docker/registry distribution; do
    file=/etc/$file/config.yml
    [ -f "$root$file" ] || continue
    echo "F $file"
    lines=$(keys <"$root$file")
    printf '%s\n' "$lines"
    passwords=$root$(printf '%s\n' "$lines" | sed -n 's/^K path: *//p' | tr -d "\"'")
    if [ -f "$passwords" ]; then told <"$passwords"; fi
    return
  done
}

# servers: ENGINE NAME of each container of a registry's image, those that run first
servers() {
  for engine in docker podman; do
    command -v "$engine" >/dev/null || continue
    "$engine" container ls -a --format '{{.State}} {{.Names}} {{.Image}}' 2>/dev/null |
      while read -r state name image; do
        image=${image##*/}
        case ${image%%[:@]*} in registry | distribution) echo "$state $engine $name" ;; esac
      done
  done | sort -r | cut -d ' ' -f 2-
}

for unit in docker-distribution docker-registry; do
  if [ "$(systemctl is-active "$unit" 2>/dev/null)" = active ]; then
    echo "S active"
    of_package
    exit
  fi
done
server=$(servers | head -n 1)
if [ -n "$server" ]; then of_container "${server% *}" "${server#* }"; else of_package; fi
