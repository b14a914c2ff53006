# copy_checkout EXAMPLES COPY: the copy is what the checkout is today; the checkout stays as it is.
#
# The configurations that were written into the copy stay there. The checkout's .env is left behind:
# Compose would read it beside ours. So is the line `version` of compose files: Compose v2 reads none,
# and says so ahead of every error. A swarm's files (docker-stack.*) keep it.

set -eu
rm -rf "$2.new"
mkdir -p "${2%/*}"
cp -R "$1" "$2.new"
rm -f "$2.new/.env"
sed -i '/^version:/d' "$2.new"/docker-compose.*.yml
if [ -d "$2" ]; then
  cd "$2"
  for file in daos-*/*/daos_server.yml daos-*/*/daos_agent.yml daos-*/*/daos_control.yml; do
    [ ! -f "$file" ] || [ ! -d "$2.new/${file%/*}" ] || cp -p "$file" "$2.new/$file"
  done
  cd /
fi
rm -rf "$2"
mv "$2.new" "$2"
