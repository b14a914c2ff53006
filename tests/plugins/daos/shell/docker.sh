#!/bin/sh
# An engine with one container, 0a, and the image whose ID is in the file image.

case "$*" in
  "image ls"*) cat "$AT/image" 2>/dev/null ;;
  "container ls"*) echo 0a ;;
  restart*) echo "$*" >>"$AT/called" ;;
esac
