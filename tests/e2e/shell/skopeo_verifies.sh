# KEY REFERENCE: what skopeo says of the signature on the disk of the host that built.
# shellcheck source=skopeo.sh
. ./skopeo.sh
skopeo standalone-verify /tmp/manifest "$2" "$key" \
  "/var/lib/atomic/sigstore/wn@sha256=$hex/signature-1"
close
