# ENGINE container|exec|restart ...: an engine whose container has the process PPID_OF_TEST, is well where
# ENGINE.well is, and notes in ENGINE.restarts how it was started anew.
engine=$1
shift
case $1 in
  container) echo "$PPID_OF_TEST" ;;
  exec) [ -e "$engine.well" ] || { echo "not well: x"; exit 1; } ;;
  restart) echo "$@" >>"$engine.restarts" ;;
esac
