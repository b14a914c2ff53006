# FOLDER USER: is it the user's own, and within the user's reach? Exit code 0: yes, 1: no.
folder=$1 user=$2
[ -d "$folder" ] && [ "$(stat -c %U "$folder")" = "$user" ] || exit 1
setpriv --reuid "$user" --regid "$user" --init-groups test -w "$folder" || exit 1
