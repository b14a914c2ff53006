# Docker, as systemd runs it. Included; it includes lib.sh.
# shellcheck source=lib.sh
. ./lib.sh

answers() { docker info >/dev/null 2>&1; }

# has_live_restore true|false: does the engine say so?
has_live_restore() { [ "$(docker info -f '{{.LiveRestoreEnabled}}' 2>/dev/null)" = "$1" ]; }

# reset_and_restart: also where it has failed so often that systemd does not try any more
reset_and_restart() {
  systemctl reset-failed docker 2>/dev/null
  timeout 100 systemctl restart docker
}
