# ENGINE CONTAINER NUMBER PROGRAM: PROGRAM is run inside with the numbers of those of
# /dev/loop0 to NUMBER - 1 that the host has. Its exit code.
engine=$1 container=$2 number=$3 program=$4
i=0
set --
while [ $i -lt "$number" ]; do
  [ ! -b /dev/loop$i ] || set -- "$@" $i
  i=$((i + 1))
done
"$engine" exec "$container" sh -c "$program" loops "$@"
