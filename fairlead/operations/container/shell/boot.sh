# boot UNIT...
# Prints `offline` where no systemd runs here; else a line for each unit: its name, and whether it is
# enabled, as systemctl(1) says it, or `-`. 3: there is no systemctl.
command -v systemctl >/dev/null || exit 3
if [ "$(systemctl is-system-running 2>/dev/null)" = offline ]; then
  echo offline
  exit
fi
for unit; do
  state=$(systemctl is-enabled "$unit" 2>/dev/null)
  echo "$unit ${state:--}"
done
