# pool_listed NAME WORD...: is there a pool of this name?
#
# NAME: of the pool. WORD...: the command that lists all pools (`dmg pool list`).
# Exit codes: 0 it is in the first column; 1 it is not; 2 the command failed.

name=$1
shift
list=$("$@") || exit 2
printf '%s\n' "$list" | awk -v name="$name" '$1 == name { n = 1 } END { exit !n }'
