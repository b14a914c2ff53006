# Bring one dead transaction to one side.
D=$S/runs/$RUN
[ -f "$D/about" ] || fl_refuse "there is no run $RUN here"
exec 9>>"$V/locks/$SYSTEM"
if fl_alive "$RUN" || ! flock -n 9; then fl_refuse "a run of $SYSTEM works here just now: inv runs.follow"; fi
if group=$(fl_group "$RUN"); then fl_refuse "a step of run $RUN is still running as process group $group: wait for it, or end it by hand"; fi
case $(cat "$D/state" 2>/dev/null) in
  '' | interrupted | stuck) ;;
  *) fl_refuse "run $RUN has ended: $(cat "$D/state")" ;;
esac
number=$(wc -l <"$D/events")
number=$((number + 1000))
if [ -n "$FORWARD" ]; then state=forgotten; elif fl_undo "$RUN"; then state=undone; else state=stuck; fi
printf '%s\n' $state >"$D/state"
sync "$D/state" 2>/dev/null || sync
: >"$D/seen"
fl_release "$SYSTEM" "${RUN%.*}"
printf '%s begin\n' "$MARK"
cat "$D/events"
printf '%s over %s\n' "$MARK" "$state"
