# strict WORD...: runs an agent's command, which says that it left something out and ends with 0.
#
# Exit codes: 0; 1 it failed, or complains of something.

output=$("$@" 2>&1)
code=$?
printf '%s\n' "$output"
[ $code = 0 ] || exit 1
! printf '%s\n' "$output" | grep -Eiq 'ignored|deprecated|unknown|not a known|unsupported'
