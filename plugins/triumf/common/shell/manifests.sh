# Included by programs that ask a registry of its manifests.

# fetch CURL-WORD...: curl, as a registry of version 2 has to be asked for a manifest, or for an
# index of those of several machines, which it gives to nobody else. No proxy: the registry is the
# site's own.
fetch() {
  curl -sS --noproxy '*' -m 30 \
    -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' \
    -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
    -H 'Accept: application/vnd.docker.distribution.manifest.list.v2+json' \
    -H 'Accept: application/vnd.oci.image.index.v1+json' "$@"
}

# first_manifest: an index on stdin: prints the digest of its first image that is for a machine
# (attestations are for `unknown`), else of the first of all; nothing where it is no index.
first_manifest() {
  tr -d ' \n\r\t' | grep '"manifests":\[' | sed 's/.*"manifests":\[//' | tr '{' '\n' | awk '
    match($0, /"digest":"[a-z0-9]+:[0-9a-f]+"/) {
      digest = substr($0, RSTART + 10, RLENGTH - 11)
      if (first == "") first = digest
    }
    /"os":"/ && !/"os":"unknown"/ && image == "" { image = digest }
    END { if (image != "") print image; else if (first != "") print first }'
}

# Prints the digest of a manifest out of the headers on stdin, as `fetch -I` prints them.
digest_in_headers() {
  tr -d '\r' | awk 'tolower($1) == "docker-content-digest:" { print $2 }'
}
