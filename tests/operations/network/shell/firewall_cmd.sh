#!/bin/sh
# firewall-cmd, as far as zones of interfaces go; they lie in /usr/local/sbin/zone.INTERFACE. As the
# real one does, it ends with 2 and says "no zone" on stderr for an interface that is in none.
zone=''
for word; do
  of=/usr/local/sbin/zone.${word#*=}
  case $word in
    --zone=*) zone=${word#*=} ;;
    --get-zone-of-interface=*) [ -s "$of" ] || { echo 'no zone' >&2; exit 2; }; cat "$of" ;;
    --change-interface=*) echo "$zone" >"$of" ;;
    --remove-interface=*) [ "$(cat "$of")" = "$zone" ] && rm "$of" ;;
  esac
done
