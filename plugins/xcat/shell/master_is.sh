# ADDRESS COMMAND...: is ADDRESS xCAT's master, in the site table that COMMAND prints? Exit codes: 1
# it is another, 2 the table could not be asked.
master=$1
shift
is=$("$@") || exit 2
printf '%s\n' "$is" | grep -q "^\"master\",\"$master\","
