# FILE CERTIFICATE KEY: Apache's site names them. FILE.before is what it was.
set -eu
file=$1 certificate=$2 key=$3
new=$file.fairlead-new
rm -f "$file.before"
cp -p "$file" "$file.before"
cp -p "$file" "$new"
set_certificate="s,^([[:space:]]*SSLCertificateFile[[:space:]]+).*,\1$certificate,"
set_key="s,^([[:space:]]*SSLCertificateKeyFile[[:space:]]+).*,\1$key,"
sed -E -e "$set_certificate" -e "$set_key" "$file.before" >"$new"
mv -f "$new" "$file"
