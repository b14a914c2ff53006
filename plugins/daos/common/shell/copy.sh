# copy FROM TO: makes TO a copy of FROM that everybody can read, whole or not at all.

set -eu
cp "$1" "$2.fairlead-new"
chmod 644 "$2.fairlead-new"
mv -f "$2.fairlead-new" "$2"
