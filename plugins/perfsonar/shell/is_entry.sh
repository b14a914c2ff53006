# ENTRIES LINE COMMAND...: is LINE among the remotes that COMMAND prints, as the program for awk ENTRIES
# writes them: its URL with these settings and no others? Exit codes: 1 it is not, 2 they could not
# be asked for.
entries=$1 line=$2
shift 2
all=$("$@") || exit 2
printf '%s\n' "$all" | awk "$entries" | grep -qxF -- "$line"
