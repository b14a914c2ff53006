#!/bin/sh
# A stand-in for systemctl beside the stand-in for systemd, which has to be the first process. VERB [NAME]
verb=$1 name=${2%.service}
wants=/etc/systemd/system/multi-user.target.wants
find_unit() {
  for file in "/etc/systemd/system/$name.service" "/usr/lib/systemd/system/$name.service"; do
    [ ! -f "$file" ] || return 0
  done
  echo "Unit $name.service not found." >&2
  exit 5
}
value() { sed -n "s/^$1=//p" "$file"; }
alive() { # its own process, or the work of one that has ended well
  pid=$(value PIDFile)
  if [ -n "$pid" ]; then [ -s "$pid" ] && kill -0 "$(cat "$pid")" 2>/dev/null; else [ -e "/run/units/$name" ]; fi
}
case $verb in
  enable) find_unit && ln -sf "$file" "$wants/$name.service" ;;
  disable) rm -f "$wants/$name.service" ;;
  *)
    grep -q "/sbin/init" /proc/1/cmdline 2>/dev/null || {
      echo "System has not been booted with systemd as init system (PID 1). Can't operate." >&2
      exit 1
    } ;;
esac
case $verb in
  start | restart)
    find_unit
    [ "$verb" = restart ] || ! alive || exit 0
    mkdir -p /run/units
    sh -c "$(value ExecStart)" >/proc/1/fd/1 2>&1 || { echo "Job for $name.service failed." >&2; exit 1; }
    touch "/run/units/$name" ;;
  stop) find_unit; pid=$(value PIDFile); [ ! -s "$pid" ] || kill "$(cat "$pid")" ;;
  is-active)
    find_unit
    alive || { echo inactive; exit 3; }
    echo active ;;
esac
