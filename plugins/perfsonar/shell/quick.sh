# TIMES DAEMON...: is pScheduler well, with all that belongs to it? Run inside. DAEMON: UNIT:PATTERN, its
# unit where systemd runs here, else a pattern of its command that this program's own words do not
# match; without a pattern it is looked for by its unit alone. A scheduler is late now and then though it works: not well is what is so TIMES times in a
# row. Exit code 1: it is not, which is told behind "not well: ".
tries=$1
shift

# runs UNIT PATTERN: pScheduler says of none that never started, or died, that it is late
runs() {
  if [ "$(cat /proc/1/comm)" != systemd ]; then
    [ -n "$2" ] || return 0
    grep -lq -- "$2" /proc/[0-9]*/cmdline 2>/dev/null
    return
  fi
  case $(systemctl is-enabled "$1" 2>/dev/null) in enabled* | static | generated | alias) ;; *) return 0 ;; esac
  systemctl is-active --quiet "$1"
}

# ask: pScheduler's own word. No name is looked up, for a resolver that is slow is no fault of its.
ask() {
  words=$(timeout 5 pscheduler troubleshoot --quick --host localhost 2>&1)
  case $?$words in
    0*"functioning normally"*) return 0 ;;
    *"no such option"*) pscheduler ping localhost && return 0 ;;
  esac
  words=$(printf '%s\n' "$words" | grep . | tail -n 1)
  return 1
}

well() {
  for daemon; do
    runs "${daemon%%:*}" "${daemon#*:}" || {
      words="${daemon%%:*} does not run"
      return 1
    }
  done
  ask
}

until well "$@"; do
  [ $((tries -= 1)) -gt 0 ] || {
    echo "not well: $words" >&2
    exit 1
  }
  sleep 2
done
