# Prints a line for each CRL of the grid's authorities: its file, and until when it is good, as
# openssl has it. Exit code 3: there is no openssl.
command -v openssl >/dev/null || exit 3
for file in /etc/grid-security/certificates/*.r0; do
  [ ! -f "$file" ] || printf '%s %s\n' "${file##*/}" \
    "$(openssl crl -in "$file" -noout -nextupdate 2>/dev/null)"
done
