# is_private_folder FOLDER: is it a folder, no link to one, that is root's alone?
#
# Exit codes: 0 yes; 1 no.

[ -d "$1" ] && [ ! -h "$1" ] || exit 1
[ "$(stat -c %a:%u "$1")" = 700:0 ]
