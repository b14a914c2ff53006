#!/bin/sh
# A docker whose images are names alone. STORE: what `info` says of them; STANDS: the container's ID;
# LOST: an image that is gone; DOWN: the engine does not answer. Names that it gives are lines of LOG.
[ -z "$DOWN" ] || exit 1
case "$1 $2" in
  "info "*) echo "[[\"driver-type\",\"$STORE\"]]" ;;
  "container ls") echo "$STANDS" ;;
  "container inspect") echo sha256:old ;;
  "image inspect") [ "$3" != "$LOST" ] ;;
  "tag "*) echo "$2 $3" >>"$LOG" ;;
esac
