# The URLs of all remote templates, sorted; run inside. Exit code 1: psconfig does not answer.
remotes=$(psconfig remote list) || exit 1
printf '%s\n' "$remotes" | grep -o 'https*://[^"]*\|file://[^"]*' | sort -u
