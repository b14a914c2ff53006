# ROOT DIGEST, an archive on stdin: it is ROOT/lib, put in place whole; ROOT/lib/digest is DIGEST.
set -eu
root=$1 digest=$2
mkdir -p "$root/lib.new"
tar -xf - -C "$root/lib.new"
rm -rf "${root:?}/lib"
mv "$root/lib.new" "$root/lib"
echo "$digest" >"$root/lib/digest"
