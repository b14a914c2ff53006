# ENGINE container|exec|restart ...: an engine whose container has the process PPID_OF_TEST, is well where
# ENGINE.well is, and notes in ENGINE.restarts how it was started anew. Where ENGINE.stopping is, it
# waits for its end, and notes in ENGINE.started when it could be started after all.
engine=$1
shift
case $1 in
  container)
    case "$*" in
      *cleanup*) rm "$engine.stopping" ;;
      *ConmonPidFile*) echo "id 0 stopping $engine.conmon" ;;
      *) echo "$PPID_OF_TEST" ;;
    esac
    ;;
  exec) [ -e "$engine.well" ] || { echo "not well: x"; exit 1; } ;;
  restart) [ ! -e "$engine.stopping" ] && echo "$@" >>"$engine.restarts" ;;
  start) [ ! -e "$engine.stopping" ] && echo "$2" >"$engine.started" ;;
esac
