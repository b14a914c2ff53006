# lay_file INSTALLED NEW OLD; the file on stdin
#
# It is laid ready as NEW, and the one that is INSTALLED is kept as OLD; OLD.none: there is none.

set -eu
umask 077
mkdir -p "${2%/*}" "${3%/*}"
cat >"$2"
if [ -e "$1" ]; then
  cp -p "$1" "$3.new"
  mv -f "$3.new" "$3"
  rm -f "$3.none"
else
  rm -f "$3"
  : >"$3.none"
fi
