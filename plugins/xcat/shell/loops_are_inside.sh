# NUMBER...: is there a node /dev/loopNUMBER of each? Exit code 1: of one there is none.
for i; do
  [ -b "/dev/loop$i" ] || exit 1
done
