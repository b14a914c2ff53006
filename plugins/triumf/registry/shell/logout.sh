# REGISTRY: undoes login.sh: what config.json was before is back, else the login is taken out.
registry=$1
file=${HOME:-/root}/.docker/config.json
if [ -f "$file.before" ]; then
  mv -f "$file.before" "$file"
else
  docker logout "$registry" >/dev/null 2>&1
fi
