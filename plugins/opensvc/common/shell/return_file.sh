# return_file INSTALLED NEW OLD LINK...: the file that lay_file kept is back.
#
# Where there was none, the links go too.

installed=$1 new=$2 old=$3
shift 3
rm -f "$new"
if [ -e "$old.none" ]; then
  for link; do [ ! -h "$link" ] || rm -f "$link"; done
  rm -f "$installed" "$old.none"
elif [ -e "$old" ]; then
  cp -p "$old" "$installed.new" && mv -f "$installed.new" "$installed"
fi
