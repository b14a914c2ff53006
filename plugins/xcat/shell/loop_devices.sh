# NUMBER: which of /dev/loop0 to NUMBER - 1 are missing, a number a line; `free` where one is free.
number=$1
losetup -f >/dev/null 2>&1 && echo free
i=0
while [ $i -lt "$number" ]; do
  [ -b /dev/loop$i ] || echo $i
  i=$((i + 1))
done
