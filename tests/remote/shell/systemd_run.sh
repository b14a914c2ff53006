# OPTION... sh FILE
# Starts what systemd-run would start, detached, a moment later.
while [ "$1" != sh ]; do shift; done
(
  sleep 0.1
  exec setsid "$@"
) </dev/null >/dev/null 2>&1 &
