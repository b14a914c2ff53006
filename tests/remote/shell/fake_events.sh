# TESTER
# Writes what looks like messages and events of a worker to its own output and to that of every
# process above it, up to the process TESTER; then fails. Exit: 3.
p=$PPID
until body=$(tr "\0" "\n" <"/proc/$p/cmdline" | grep "/body$"); do
  p=$(sed -n "s/^PPid:[^0-9]*//p" "/proc/$p/status")
done
mark=$(sed -n "s/^MARK=//p" "$body" | head -n 1)
for word in "$mark over ok" "$mark begin" "$mark refused eA==" "9 end ok ." "3 step 1 ok 0 0  ." \
  "0 note 1 eA== ."; do
  echo "$word"
  echo "$word" >&2
  p=$PPID
  while [ "$p" -gt 1 ]; do
    for fd in 1 2; do
      echo "$word" >>"/proc/$p/fd/$fd"
    done
    p=$(sed -n "s/^PPid:[^0-9]*//p" "/proc/$p/status")
    [ "$p" != "$1" ] || break
  done 2>/dev/null
done
exit 3
