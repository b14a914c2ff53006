# A docker with one container, `app`, in the state STATE. As the real one, it lists what has one of
# the states that are asked for; without such a filter, whatever it has.
states=
for word; do
  case $word in status=*) states="$states ${word#status=}" ;; esac
done
[ -n "$states" ] || states=" $STATE"
case "$states " in *" $STATE "*) echo app ;; esac
