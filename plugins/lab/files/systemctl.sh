#!/bin/sh
# A fairlead stand-in for systemctl: a lab host has no systemd, and this knows its engine alone. As the real one, `start` returns when it answers.
running() { docker info >/dev/null 2>&1; }
wait_until() { tries=150; until "$@"; do tries=$((tries - 1)); [ $tries -gt 0 ] || { echo "Job for docker.service failed." >&2; exit 1; }; sleep 0.1; done; }
gone() { ! pgrep -x dockerd >/dev/null; }
words=
for word; do case $word in -*) ;; *) words="$words ${word%.service}" ;; esac; done
case $words in
  ' is-active docker') if running; then echo active; else echo inactive; exit 3; fi ;;
  ' start docker') running || { start-dockerd; wait_until running; } ;;
  ' stop docker') pkill -x dockerd; wait_until gone ;;
  *) echo "System has not been booted with systemd as init system (PID 1). Can't operate." >&2; exit 1 ;;
esac
