# forget FILE
# Takes away what remember wrote, and its folder if nothing else is in it.
rm -f "$1"
rmdir "${1%/*}" 2>/dev/null || :
