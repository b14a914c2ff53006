# FILE: it is what it was (FILE.before), whatever became of its successor.
rm -f "$1.fairlead-new"
[ ! -e "$1.before" ] || mv -f "$1.before" "$1"
