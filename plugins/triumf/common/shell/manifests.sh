# Included by programs that ask a registry of its manifests.

# fetch CURL-WORD...: curl, as a registry of version 2 has to be asked for a manifest. No proxy:
# the registry is the site's own.
fetch() {
  curl -sS --noproxy '*' -m 30 \
    -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' \
    -H 'Accept: application/vnd.oci.image.manifest.v1+json' "$@"
}

# Prints the digest of a manifest out of the headers on stdin, as `fetch -I` prints them.
digest_in_headers() {
  tr -d '\r' | awk 'tolower($1) == "docker-content-digest:" { print $2 }'
}
