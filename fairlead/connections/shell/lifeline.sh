# PROGRAM TOKEN WORD...
# Runs a program that ends when our stdin does: its output is wanted, and nobody is there any more.
# Exit: that of the program; where a signal has ended it, as where its reader has gone, what it has left
# in the session ends as well. This is sent as one line, since a login shell like csh may be on the
# way, which takes no end of a line in a word; so every line here ends with `;`, `&` or nothing open.
# shellcheck source=end_session.sh
. ./end_session.sh
token=$1;
shift;
exec 3<&0;
{ export "FAIRLEAD_SESSION=$token"; exec "$@"; } </dev/null 3<&- &
program=$!;
{ cat <&3; trap "" TERM; kill -TERM 0; end_session; } >/dev/null 2>&1 &
watcher=$!;
exec 3<&-;
wait $program;
code=$?;
[ $code -lt 128 ] || end_session;
read -r _ _ _ parent _ 2>/dev/null </proc/$watcher/stat && [ "$parent" = $$ ] && kill $watcher;
exit $code
