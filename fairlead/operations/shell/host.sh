# host
# Prints seven lines: name, user, user ID, architecture, kernel, seconds since the epoch, system.
# shellcheck disable=SC2046 # three words
set -- $(uname -nrm)
user=$(id -un 2>/dev/null)
uid=$(id -u)
printf '%s\n' "$1" "${user:-$uid}" "$uid" "$3" "$2"
date +%s
# shellcheck source=/dev/null
(. /etc/os-release 2>/dev/null && printf '%s\n' "$PRETTY_NAME") || uname -s
