#!/bin/sh
# A stand-in for dmg: answers what lies in $AT/system.json and $AT/pools.json, notes evictions.
case "$*" in
  '--json system query') cat "$AT/system.json"; [ ! -e "$AT/fails" ] ;;
  '--json pool list') cat "$AT/pools.json"; [ ! -e "$AT/fails" ] ;;
  'pool evict '*) echo "$3" >>"$AT/evicted" ;;
  *) exit 9 ;;
esac
