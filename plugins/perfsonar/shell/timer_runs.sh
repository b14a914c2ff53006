# TIMER: does systemd run it, by the files that are there now, and at boot? Exit code: 1 it does not.
systemctl is-active --quiet "$1" && systemctl is-enabled --quiet "$1" || exit 1
[ "$(systemctl show -p NeedDaemonReload --value "$1" 2>/dev/null)" != yes ]
