# NAME CONTAINER ENGINE UNIT:ENABLED:ACTIVE...
# The units are as they were. NAME.service begins by taking the container away and making another one;
# where it runs the unit takes charge of it as it is, once: it waits for its end.
set -eu
name=$1 container=$2 engine=$3
shift 3
aside=/run/systemd/system/$name.service.d
trap 'rm -rf "$aside"; systemctl daemon-reload' EXIT

runs() { [ "$("$engine" container inspect --format '{{.State.Running}}' "$container" 2>/dev/null)" = true ]; }

# take_charge UNIT
take_charge() {
  wait="$(command -v "$engine") wait $container"
  ! grep -qx 'Type=oneshot' "/etc/systemd/system/$1" || wait=/usr/bin/true
  mkdir -p "$aside"
  printf '# Written by fairlead.\n[Service]\nExecStartPre=\nExecStart=\nExecStart=%s\n' "$wait" >"$aside/fairlead.conf"
  systemctl daemon-reload
}

for words; do
  unit=${words%%:*}
  case $words in *:enabled:*) systemctl enable "$unit" ;; esac
  case $words in *:active) ;; *) continue ;; esac
  if [ "$unit" = "$name.service" ] && runs; then take_charge "$unit"; fi
  systemctl start "$unit"
done
