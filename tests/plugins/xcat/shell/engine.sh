#!/bin/sh
# An engine whose one container is the folder that it lies in: `exec [-i] CONTAINER COMMAND...`.
folder=${0%/*}
shift
[ "$1" != -i ] || shift
shift
case $1 in
  sed) exec sed -n "$3" "$folder/shadow" ;;
  chpasswd) exec sed 's/$/:19700:0:99999:7:::/' >"$folder/shadow" ;;
  */tabdump) exec cat "$folder/passwd" ;;
  *) exec "$@" ;;
esac
