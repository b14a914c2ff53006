# daos_compose FOLDER ENV-FILE: what Compose complains of in the files of a checkout, and the lines
# that have a variable, no value, or an image.

cd "$1" || exit
for f in docker-compose.*.yml; do
  docker compose --env-file "$2" --file "$f" config 2>&1 >/dev/null | sed "s/^/$f says: /"
  docker compose --env-file "$2" --file "$f" config | grep -E 'image: |\$|: $|=$' |
    grep -vE 'BUST_CACHE|DAOS_REPOS_NOAUTH|^ *daos_agent-socket'
done
