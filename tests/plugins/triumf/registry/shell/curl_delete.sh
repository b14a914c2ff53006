# A curl that is none: the registry has sl6:latest and its signature, and answers $STATUS to whoever
# deletes. What is deleted is noted in $NOTES.
cat >/dev/null
for word; do last=$word; done
what=${last##*/}
case "$*" in
  *DELETE*)
    echo "$what" >>"$NOTES"
    printf '%s' "$STATUS"
    ;;
  *) case $what in
    latest) printf 'HTTP/2 %s\r\nDocker-Content-Digest: sha256:ab\r\n\r\n' "${HEAD:-200}" ;;
    sha256-ab.sig) printf 'HTTP/2 200\r\ndocker-content-digest: sha256:ab.sig\r\n' ;;
    gone) exit 7 ;;
    *) printf 'HTTP/2 404\r\n\r\n' ;;
  esac ;;
esac
