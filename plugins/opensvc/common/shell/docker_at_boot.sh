# docker_at_boot: prints what starts Docker at boot, a line each, then `there`; `none`: no Docker.
#
# Where systemd runs it is a unit, else a link below /etc/rcN.d.

command -v docker >/dev/null 2>&1 || {
  echo none
  exit 0
}
if [ -d /run/systemd/system ]; then
  for unit in docker.service docker.socket; do
    [ "$(systemctl is-enabled "$unit" 2>/dev/null)" != enabled ] || echo "$unit"
  done
else
  for link in /etc/rc[2345].d/S[0-9][0-9]docker; do
    [ ! -e "$link" ] && [ ! -h "$link" ] || echo "$link"
  done
fi
echo there
