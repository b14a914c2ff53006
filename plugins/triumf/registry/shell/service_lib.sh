# The registry's service: a unit of systemd, or ENGINE:NAME, a container. Included by programs that
# stop and start it.

# runs SERVICE: exit code 0: it does, 1: not
runs() {
  case $1 in
    *:*)
      running=$("${1%%:*}" container inspect -f '{{.State.Running}}' "${1#*:}" 2>/dev/null)
      [ "$running" = true ]
      ;;
    *) systemctl is-active -q "$1" ;;
  esac
}

# tell WORD SERVICE: start, stop or restart
tell() {
  case $2 in
    *:*) "${2%%:*}" "$1" "${2#*:}" >/dev/null ;;
    *) systemctl "$1" "$2" ;;
  esac
}
