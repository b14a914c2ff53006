# lay_file INSTALLED NEW OLD; the file on stdin
#
# It is laid ready as NEW, with the id of the one that is INSTALLED, which is kept as OLD; OLD.none:
# there is none. Agent 3 takes a file without its id for another service.

set -eu
umask 077
mkdir -p "${2%/*}" "${3%/*}"
own=
[ ! -e "$1" ] || own=$(sed -n '/^[ \t]*id[ \t]*=/{p;q;}' "$1")
awk -v own="$own" '{ print } own != "" && $0 == "[DEFAULT]" { print own; own = "" }' >"$2"
if [ -e "$1" ]; then
  cp -p "$1" "$3.new"
  mv -f "$3.new" "$3"
  rm -f "$3.none"
else
  rm -f "$3"
  : >"$3.none"
fi
