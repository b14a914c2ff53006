# NAME UNIT...
# None of the units runs or comes back at boot. NAME.service would take the container away when it
# stops, with its database; a word of ours beside the unit, gone at the next boot at the latest, lets
# it go on by itself: only the engine's program that waits for it ends.
set -eu
name=$1
shift
aside=/run/systemd/system/$name.service.d
trap 'rm -rf "$aside"; systemctl daemon-reload' EXIT
mkdir -p "$aside"
cat >"$aside/fairlead.conf" <<'EOF'
# Written by fairlead.
[Service]
ExecStop=
ExecStopPost=
KillMode=process
KillSignal=SIGKILL
EOF
systemctl daemon-reload
for unit; do
  systemctl disable "$unit"
  systemctl stop "$unit"
  systemctl reset-failed "$unit" 2>/dev/null || : # it was killed, and that was meant
done
