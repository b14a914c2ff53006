# folder PATH
# Is the folder there, ours, and closed to others? 0 yes, 1 no.
[ -d "$1" ] && [ ! -h "$1" ] && [ "$(stat -c %a:%u "$1")" = "700:$(id -u)" ]
