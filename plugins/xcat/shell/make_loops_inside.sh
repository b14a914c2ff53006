# NUMBER...: a node /dev/loopNUMBER is made, where there is none. Exit code 1: it could not be made.
for i; do
  [ -b "/dev/loop$i" ] || mknod -m0660 "/dev/loop$i" b 7 "$i" || exit 1
done
