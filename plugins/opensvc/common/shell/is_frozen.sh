# is_frozen WORD...: is the service frozen? WORD...: the command that prints the agent's JSON.
#
# Today's agents tell since when: a number, or a date.
# Exit codes: 0 yes; 1 no; 2 the agent could not say.

# shellcheck source=status.sh
. ./status.sh
read_status "$@"
since=$(printf '%s\n' "$flat" | sed -nE 's#^frozen(_at)?=##p' | head -n 1)
case $since in '' | 0 | 0.0 | false | null | 0001-*) exit 1 ;; esac
