# AppArmor confines nothing, now and after a reboot.
set -eu
if command -v aa-teardown >/dev/null; then
  aa-teardown
else
  /etc/init.d/apparmor teardown
fi
systemctl disable apparmor
