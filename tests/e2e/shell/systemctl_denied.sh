#!/bin/sh
# systemctl that cannot read its units again.
[ "$1" != daemon-reload ] || {
  echo Access denied
  exit 1
}
exec /usr/local/bin/systemctl "$@"
