# PROGRAM TOKEN WORD...
# Runs a program on our terminal; it ends with the terminal, or when a signal ends us. One that Ctrl-C
# ends has an exit code: SSH's word for a signal is lost on the way. Sent as one line, as lifeline.sh.
# shellcheck source=end_session.sh
. ./end_session.sh
token=$1;
shift;
ended=;
trap ended=1 INT QUIT HUP TERM;
(export "FAIRLEAD_SESSION=$token"; exec "$@");
code=$?;
[ -z "$ended" ] || [ $code -lt 128 ] || end_session;
exit $code
