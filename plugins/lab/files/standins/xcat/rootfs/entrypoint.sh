#!/bin/sh
# Starts xcatd and stays; with a terminal there is a prompt on it.
# 37 is SIGRTMIN+3, by which a systemd is stopped
# shellcheck disable=SC2172
trap 'kill "$(cat /var/run/xcatd.pid)" 2>/dev/null; exit 0' TERM INT 37
/opt/xcat/sbin/xcatd
if [ -t 0 ]; then
  exec 5<&0
  while :; do sh -i <&5; sleep 1; done &
fi
while :; do sleep 3600 & wait $!; done
