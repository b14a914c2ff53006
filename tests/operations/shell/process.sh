# A docker with one container. STATE: its process, how often it was started anew, its last exit code.
case $1 in
  container) echo "$STATE" ;;
  logs) echo last words ;;
esac
