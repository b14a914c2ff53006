# lay_by ROOT
# A copy that nobody needs any more is laid by under another name, never lost; prints where.
set -eu
root=$1
if [ -d "$root/kept" ]; then
  place=$root/kept-$(date -u +%Y%m%dT%H%M%SZ)
  mv "$root/kept" "$place"
  echo "the copy lies in $place"
fi
