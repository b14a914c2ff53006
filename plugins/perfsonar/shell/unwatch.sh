# TIMER SERVICE ASIDE: the units of a watchdog are gone; what they were is kept in ASIDE, for rewatch.
set -eu
timer=$1 service=$2 aside=$3
systemctl disable --now "${timer##*/}"
rm -rf "$aside"
mkdir -p "$aside"
mv "$timer" "$service" "$aside"
systemctl daemon-reload
