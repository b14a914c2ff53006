# FOLDER: `docker compose` is the standalone program, by a link in the folder of Docker's plugins.
program=$(command -v docker-compose) || exit 1
mkdir -p "$1" && chmod 755 "$1" && ln -s "$(readlink -f "$program")" "$1/docker-compose" &&
  docker compose version
