# units_on ENGINE CONTAINER UNIT:ENABLED:ACTIVE...
# The units are as they were. One that runs takes charge of the container as it is, once, by a word of
# ours beside it: it waits for its end, where by its own words it might make another one.
set -eu
engine=$1 container=$2
shift 2
# shellcheck source=units_aside.sh
. ./units_aside.sh
trap 'for words; do nothing_aside "${words%%:*}"; done; systemctl daemon-reload' EXIT

# take_charge UNIT
take_charge() {
  kind=simple wait="$(command -v "$engine") wait $container"
  if systemctl cat "$1" | grep -qx 'Type=oneshot'; then kind=oneshot wait=/usr/bin/true; fi
  aside "$1" "Type=$kind" 'ExecStartPre=' 'ExecStart=' "ExecStart=$wait"
  systemctl daemon-reload
}

for words; do
  unit=${words%%:*}
  case $words in *:enabled*:*) systemctl enable "$unit" ;; esac
  case $words in *:active | *:activating) ;; *) continue ;; esac
  take_charge "$unit"
  systemctl start "$unit"
done
