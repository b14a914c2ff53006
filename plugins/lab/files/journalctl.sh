#!/bin/sh
# A fairlead stand-in for journalctl: a lab host has no journal. What a service of its systemctl printed is in a file: journalctl -u UNIT... [-n LINES] [-f]
files='' lines=10 follow=''
while [ $# -gt 0 ]; do
  case $1 in
    -u)
      unit=${2%.service}
      for file in "/var/log/lab-$unit.log" "/var/log/${unit}d.log"; do [ ! -f "$file" ] || files="$files $file"; done
      shift
      ;;
    -n) lines=$2; shift ;;
    -f) follow=-F ;;
  esac
  shift
done
[ -n "$files" ] || { echo '-- No entries --'; exit 0; }
# shellcheck disable=SC2086 # names of units hold no blanks
exec tail -q -n "$lines" $follow $files
