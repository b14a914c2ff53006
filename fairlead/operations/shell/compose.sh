# compose
# Prints what tells the version of Compose: `docker info` where its plugin is among it, else the
# version itself; behind the word "standalone" where `docker compose` does not know it: then nobody
# who says that can use it.
# shellcheck source=once_lib.sh
. ./once_lib.sh
command -v docker >/dev/null 2>&1 || command -v docker-compose >/dev/null 2>&1 || exit 1
info=$(engine_info docker)
case $info in
  *'"ClientInfo":'*'"Err":'*) ! docker compose version --short 2>/dev/null || exit 0 ;;
  *'"ClientInfo":'*'"Name":"compose"'*)
    printf '%s\n' "$info"
    exit
    ;;
  *'"ClientInfo":'*'"Plugins":'*) ;;
  *) ! docker compose version --short 2>/dev/null || exit 0 ;;
esac
alone=$(docker-compose version --short 2>/dev/null) && echo "standalone $alone"
