# ENGINE REGISTRY: undoes login.sh: what config.json was before is back, else the login is taken out.
engine=$1 registry=$2
file=${HOME:-/root}/.docker/config.json
if [ -f "$file.before" ]; then
  mv -f "$file.before" "$file"
else
  set --
  [ "$engine" != podman ] || set -- --authfile "$file"
  "$engine" logout "$@" "$registry" >/dev/null 2>&1
fi
