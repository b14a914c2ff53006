#!/bin/sh
# A fairlead stand-in for journalctl: a lab host has no journal. What a service of its systemctl printed is in a file: journalctl -u UNIT [-n LINES] [-f]
unit='' lines=10 follow=''
while [ $# -gt 0 ]; do
  case $1 in
    -u) unit=${2%.service}; shift ;;
    -n) lines=$2; shift ;;
    -f) follow=-F ;;
  esac
  shift
done
case $unit in docker) file=/var/log/dockerd.log ;; *) file=/var/log/lab-$unit.log ;; esac
[ -f "$file" ] || { echo '-- No entries --'; exit 0; }
exec tail -n "$lines" $follow "$file"
