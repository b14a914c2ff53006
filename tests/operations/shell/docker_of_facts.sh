#!/bin/sh
# docker WORD...
# An engine's program that answers what is in the folder ENGINE: `info`, a file NAME.row for each
# container, and `down` where its daemon is. It notes each start in ENGINE/log. ABSENT: its words for a
# container that is not there.
echo "$*" >>"$ENGINE/log"
case $1.$2 in
  info.*)
    cat "$ENGINE/info"
    [ ! -e "$ENGINE/down" ]
    ;;
  --version.*) echo "Docker version 20.10.24+dfsg1, build 297e128" ;;
  container.inspect)
    shift 4
    for name; do
      if [ -e "$ENGINE/down" ]; then
        echo "Cannot connect to the Docker daemon" >&2
      elif [ -e "$ENGINE/$name.row" ]; then
        printf '=/%s\n' "$(cat "$ENGINE/$name.row")"
      else
        echo "$ABSENT: $name" >&2
      fi
    done
    exit 1
    ;;
  compose.version) echo 2.5.0 ;;
  *) exit 9 ;;
esac
