# PROGRAM WORD...
# Runs a program that ends when our stdin does: its output is wanted, and nobody is there any more.
# Exit: that of the program. This is sent as one line, since a login shell like csh may be on the
# way, which takes no end of a line in a word; so every line here ends with `;`, `&` or nothing open.
exec 3<&0;
"$@" </dev/null 3<&- &
program=$!;
{ cat <&3; kill -TERM 0; } >/dev/null 2>&1 &
watcher=$!;
exec 3<&-;
wait $program;
code=$?;
kill $watcher;
exit $code
