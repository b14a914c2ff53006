# FILE CERTIFICATE KEY: does Apache's site name them? Exit codes: 1 it does not, 2 there is no FILE.
file=$1 certificate=$2 key=$3
[ -f "$file" ] || {
  echo "there is no $file: is this a Debian image?" >&2
  exit 2
}
grep -Eq "^[[:space:]]*SSLCertificateFile[[:space:]]+${certificate}[[:space:]]*$" "$file" || exit 1
grep -Eq "^[[:space:]]*SSLCertificateKeyFile[[:space:]]+${key}[[:space:]]*$" "$file"
