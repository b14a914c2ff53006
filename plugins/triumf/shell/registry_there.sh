# ROOT: the configuration of a registry below it (""; of this host), of a package or of a container
# that has its file of the host. Lines: S active where the package's unit is, F FILE, K KEY: VALUE of
# the keys that are no secrets, U USER of each who may log in. Nothing where there is none.
root=$1
for unit in docker-distribution docker-registry; do
  if [ "$(systemctl is-active "$unit" 2>/dev/null)" = active ]; then echo "S active" && break; fi
done
for file in docker-distribution/registry docker/registry distribution; do
  file=/etc/$file/config.yml
  [ -f "$root$file" ] || continue
  echo "F $file"
  grep -E '^ *(addr|host|rootdirectory|certificate|key|path|level):' "$root$file" | sed 's/^ */K /'
  passwords=$root$(sed -n 's/^ *path: *//p' "$root$file" | tr -d "\"'" | head -n 1)
  if [ -f "$passwords" ]; then sed -n 's/^\([^:#]*\):.*/U \1/p' "$passwords"; fi
  break
done
