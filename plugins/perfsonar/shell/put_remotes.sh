# FILE MERGE, URLs on stdin: the agent's configuration has each among its remotes, and is nobody
# else's to read. FILE.before is what it was.
set -eu
umask 077
file=$1 merge=$2
new=$file.fairlead-new
rm -f "$file.before"
awk "$merge" - "$file" >"$new"
[ -s "$new" ]
chown "$(stat -c %u:%g "$file")" "$new"
chmod 600 "$new"
cp -p "$file" "$file.before"
chmod 600 "$file.before"
sync "$new" 2>/dev/null || sync
mv -f "$new" "$file"
