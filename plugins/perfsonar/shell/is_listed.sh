# URL COMMAND...: is URL among the remote templates that COMMAND prints? Exit codes: 1 it is not, 2
# they could not be asked for.
url=$1
shift
all=$("$@") || exit 2
printf '%s\n' "$all" | grep -qF "\"$url\""
