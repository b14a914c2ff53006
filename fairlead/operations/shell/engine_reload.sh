# engine_reload true|false
# The engine reads daemon.json anew, until it says that live-restore is so. It is told, not stopped:
# containers that run now outlive the restart that comes.
# shellcheck source=engine_lib.sh
. ./engine_lib.sh
systemctl reload docker || exit 1
retry 50 0.2 has_live_restore "$1" || {
  echo "the engine does not take live-restore over" >&2
  exit 1
}
