# FILE: what is in it is said whole, the other way to write it, a part of it, and a part of that.
cat "$1"
echo
base64 <"$1"
tail -c 20 "$1"
echo
{ printf x; cat "$1"; } | base64 -w 0 | cut -c 5-60
cat "$1" >&2
