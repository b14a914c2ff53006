# Bring one dead transaction to one side; a cut link does not end this.
trap : HUP INT TERM PIPE
D=$S/runs/$RUN
[ -f "$D/about" ] || fl_refuse "there is no run $RUN here"
exec 9>>"$V/locks/$SYSTEM"
if fl_alive "$RUN" || ! flock -w 1 9; then fl_refuse "a run of $SYSTEM works here just now: inv runs.follow"; fi
if group=$(fl_group "$RUN"); then fl_refuse "a step of run $RUN is still running as process group $group: wait for it, or end it by hand"; fi
fl_is "$RUN"
case $state in
  open | interrupted | stuck) ;;
  *) fl_refuse "run $RUN has ended: $state" ;;
esac
(exec 3<&- 9>&-; while sleep 5 >/dev/null 2>&1; do echo; done) & # a sign of life
h=$!
fl_number
if [ -n "$FORWARD" ]; then state=forgotten; elif fl_undo "$RUN"; then state=undone; else state=stuck; fi
printf '%s\n' $state >"$D/state"
sync "$D/state" 2>/dev/null || sync
: >"$D/seen"
rm -rf "${V:?}/runs/$RUN"
fl_release "$SYSTEM" "${RUN%.*}"
kill $h 2>/dev/null
printf '\n%s begin\n' "$MARK"
sed '/^0 note /d' "$D/events"
printf '\n%s over %s\n' "$MARK" "$state"
