#!/bin/sh
# A fairlead stand-in for systemctl: a lab host has no systemd. It knows the engine, and runs simple services by their unit files
# (User=, ExecStart=, ExecReload=; Type=oneshot with ExecStop=; what they print is in /var/log/lab-UNIT.log). As the real one, `start` returns when the engine answers, or is gone.
PIDS=/run/lab-units WANTED=/etc/systemd/lab.wants
fail() { echo "$1" >&2; exit "${2:-1}"; }
wait_until() { tries=150; until "$@"; do tries=$((tries - 1)); [ $tries -gt 0 ] || return 1; sleep 0.1; done; }
say() { [ -n "$quiet" ] || echo "$1"; }

timer() { case $1 in *.timer) [ -f "/etc/systemd/system/$1" ] ;; *) return 1 ;; esac; } # noted, and never run
quadlet() { [ -f "/etc/containers/systemd/$1.container" ]; } # what runs by it has its label
of_quadlet() { podman ps -q --filter "label=PODMAN_SYSTEMD_UNIT=$1.service"; }
there() { [ "$1" = docker ] || quadlet "$1" || timer "$1" || unit_file "$1" >/dev/null; }
unit_file() { for folder in /etc/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system; do [ ! -f "$folder/$1.service" ] || { echo "$folder/$1.service"; return; }; done; return 1; }
of_unit() { # a word of a drop-in comes after the unit's own; of a list an empty one takes away what is before it
  set -- "$1" "$2" /run/systemd/system/"$1".service.d/*.conf
  [ -f "$3" ] || set -- "$1" "$2"
  key=$2 file=$(unit_file "$1"); shift 2
  sed -n "s/^$key=//p" "$file" "$@" | tail -n 1
}

active() {
  if [ "$1" = docker ]; then docker info >/dev/null 2>&1; elif quadlet "$1"; then [ -n "$(of_quadlet "$1")" ]; elif oneshot "$1" || timer "$1"; then [ -e "$PIDS/$1" ]; else [ -s "$PIDS/$1" ] && kill -0 "$(cat "$PIDS/$1")" 2>/dev/null; fi
}
gone() { if [ "$1" = docker ]; then ! pgrep -x dockerd >/dev/null; else ! active "$1"; fi; }
decided() { active docker || gone docker; }
oneshot() { unit_file "$1" >/dev/null && [ "$(of_unit "$1" Type)" = oneshot ]; }
once() { # UNIT WORDS...
  unit=$1; shift
  "$@" </dev/null >>"/var/log/lab-$unit.log" 2>&1
}
launch() {
  mkdir -p "$PIDS"
  if timer "$1"; then : >"$PIDS/$1"; return; fi
  user=$(of_unit "$1" User) words=$(of_unit "$1" ExecStart)
  # shellcheck disable=SC2086 # a command line of a unit is words
  if oneshot "$1"; then ! once "$1" $words || : >"$PIDS/$1"; return; fi
  # shellcheck disable=SC2016,SC2086
  setsid -f sh -c 'echo $$ >"$1"; shift; exec "$@"' unit "$PIDS/$1" ${user:+setpriv --reuid "$user" --regid "$user" --init-groups} $words \
    </dev/null >>"/var/log/lab-$1.log" 2>&1
}
start() {
  ! active "$1" || return 0
  if [ "$1" = docker ]; then start-dockerd; sleep 0.3; wait_until decided; else launch "$1"; sleep 0.3; fi
  active "$1" || fail "Job for $1.service failed because the control process exited with error code. See \"journalctl -xeu $1.service\" for details."
}
stop() {
  if quadlet "$1"; then of_quadlet "$1" | xargs -r podman stop >/dev/null; return; fi
  if timer "$1" || [ "$(of_unit "$1" KillMode)" = none ]; then rm -f "$PIDS/$1"; return; fi
  # shellcheck disable=SC2046
  if oneshot "$1"; then ! active "$1" || once "$1" $(of_unit "$1" ExecStop | sed 's/^-//') || :; rm -f "$PIDS/$1"; return; fi
  if [ "$1" = docker ]; then pkill -x dockerd; else active "$1" && kill "$(cat "$PIDS/$1")"; fi
  wait_until gone "$1" || fail "Job for $1.service failed because a timeout was exceeded."
}
reload() {
  active "$1" || fail "$1.service is not active, cannot reload."
  if [ "$1" = docker ]; then pkill -HUP -x dockerd; else kill -HUP "$(cat "$PIDS/$1")"; fi
}

quiet='' now='' verb='' units=''
for word; do
  case $word in
    -q | --quiet) quiet=yes ;;
    --now) now=yes ;;
    -*) ;;
    *) if [ -z "$verb" ]; then verb=$word; else units="$units ${word%.service}"; fi ;;
  esac
done
case $verb in daemon-reload | reset-failed) exit 0 ;; cat) cat "$(unit_file "${units# }")"; exit ;; esac
[ -n "$units" ] || fail "System has not been booted with systemd as init system (PID 1). Can't operate."
for unit in $units; do
  case $verb in
    is-active) if active "$unit"; then say active; else say inactive; exit 3; fi; continue ;;
    is-enabled) if quadlet "$unit"; then say generated; elif [ "$unit" = docker ] || [ -e "$WANTED/$unit" ]; then say enabled; else say disabled; exit 1; fi; continue ;;
  esac
  there "$unit" || fail "Failed to $verb $unit.service: Unit $unit.service not found." 5
  case $verb in
    start | stop | reload) "$verb" "$unit" ;;
    restart) stop "$unit"; start "$unit" ;;
    enable) mkdir -p "$WANTED"; : >"$WANTED/$unit"; [ -z "$now" ] || start "$unit" ;;
    disable) rm -f "$WANTED/$unit"; [ -z "$now" ] || stop "$unit" ;;
    *) fail "Unknown command verb $verb." ;;
  esac
done
