# FILE MERGE, URLs on stdin: the agent's configuration has each among its remotes, and is nobody
# else's to read. FILE.before is what it was. It is written in place: the agent watches this very
# file (inotify, IN_MODIFY), and of one that is put in its stead it would hear nothing until it is
# started anew.
set -eu
umask 077
file=$1 merge=$2
new=$file.fairlead-new
rm -f "$file.before"
awk "$merge" - "$file" >"$new"
[ -s "$new" ]
cp -p "$file" "$file.before"
chmod 600 "$file.before"
chmod 600 "$file"
cat "$new" >"$file"
rm -f "$new"
sync "$file" 2>/dev/null || sync
