# unit_counts UNIT
# Does it start at boot, and is it active? 0 yes, 1 no. systemctl ends with 3 for a unit that is not
# active, with 1 or 4 for one that is not known, as the release of systemd will have it.
if ! systemctl is-enabled -q "$1" || ! systemctl is-active -q "$1"; then exit 1; fi
