# A curl that is none: the API of a registry that has sl6:latest and its signature, and of sl6:other
# where $OTHER is its configuration. $STATUS: how it answers to whoever knocks.
cat >/dev/null
for word; do url=$word; done
case $url in
  */v2/) printf '%s' "$STATUS" ;;
  */_catalog*) echo '{"repositories": ["sl6"]}' ;;
  */tags/list) echo '{"name": "sl6", "tags": ["latest", "sha256-aa.sig"]}' ;;
  */manifests/none) ;;
  */manifests/*)
    case "$*" in
      *" -I "*) printf 'HTTP/2 200\r\ndocker-content-digest: sha256:aa\r\n' ;;
      *) printf '{"config": {\n"size": 1, "digest": "%s"}}' "${url##*/}" ;;
    esac
    ;;
  */blobs/other) printf '%s' "$OTHER" ;;
  */blobs/*) printf '%s' "$CONFIGURATION" ;;
esac
