# FILE ROOT NETWORK status HOST: what lab.sh says of a host, one `key value` a line. Whose user may
# not look into ROOT cannot know whether there is a lab.
if [ -f "$1" ]; then exec sh "$@"; fi
if [ -e "$2" ] && { [ ! -r "$2" ] || [ ! -x "$2" ]; }; then echo power not known; else echo power none; fi
