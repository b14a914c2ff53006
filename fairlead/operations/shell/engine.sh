# engine NAME
# Prints what an engine says of itself as JSON, behind its version where that is not among it. NAME "":
# docker, or where there is none podman; `docker` may be podman's own shim: what it prints of itself
# decides. 3: no engine.
# shellcheck source=once_lib.sh
. ./once_lib.sh
engine=$1
if [ -z "$engine" ]; then
  engine=docker
  command -v docker >/dev/null 2>&1 || engine=podman
fi
command -v "$engine" >/dev/null 2>&1 || exit 3
info=$(engine_info "$engine")
code=$?
client=${info##*'"ClientInfo":'}
case $info in
  *'"ClientInfo":'*) ;;
  *'"graphRoot":'*) client='"Version":' ;;
  *) client= ;;
esac
case ${client%%'"Plugins":'*} in
  *'"Version":'*) ;;
  *) "$engine" --version || exit ;;
esac
printf '%s\n' "$info"
exit $code
