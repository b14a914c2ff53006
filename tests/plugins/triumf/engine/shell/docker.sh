# A docker that says of itself what $ROOT, $LIVE and $BRIDGE say; with an empty $ROOT it does not
# answer.
[ -n "$ROOT" ] || exit 1
case "$*" in
  *DockerRootDir*) echo "$ROOT" ;;
  *LiveRestoreEnabled*) echo "$LIVE" ;;
  network*) echo "$BRIDGE" ;;
esac
