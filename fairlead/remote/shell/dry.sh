# Runs the body of a dry run, which lies in TEMPORARY, and reports what it says.
sh "$TEMPORARY/body" "$TEMPORARY" 3<&-
[ -s "$TEMPORARY/state" ] || fl_refuse "the answers cannot be written to $TEMPORARY (is it full?)"
fl_report begin
cat "$TEMPORARY/events"
fl_report over "$(cat "$TEMPORARY/state")"
