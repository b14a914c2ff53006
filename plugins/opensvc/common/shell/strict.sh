# strict CODES WORD...: runs an agent's command, which says that it left something out and ends with
# 0. CODES: those that are no failure, such as "0 1".
#
# Exit codes: 0; 1 it failed, or complains of something.

codes=$1
shift
output=$("$@" 2>&1)
code=$?
printf '%s\n' "$output"
case " $codes " in *" $code "*) ;; *) exit 1 ;; esac
! printf '%s\n' "$output" | grep -Eiq 'ignored|deprecated|unknown|not a known|unsupported'
