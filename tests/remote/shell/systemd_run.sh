# OPTION... sh FILE
# Starts what systemd-run would start, detached, a moment later, without the caller's environment:
# the manager has a proxy of its own.
while [ "$1" != sh ]; do shift; done
(
  sleep 0.1
  exec env -i PATH="$PATH" https_proxy=http://manager.example:1 setsid "$@"
) </dev/null >/dev/null 2>&1 &
