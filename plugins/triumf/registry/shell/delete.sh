# URL NAME TAG AUTHORITY; the line for curl with user and password on stdin. Takes an image out of
# the registry: a manifest goes by its digest, and all tags that are that image with it; its
# signatures go first, so that none stays behind where something fails. AUTHORITY: a file, or "".
# Exit code 14: the password is refused, 15: it cannot be reached, 16: another answer, 17: there is
# no such image.
base=$1/v2/$2/manifests tag=$3 authority=$4
config=$(cat)
# shellcheck source=../../common/shell/manifests.sh
. ../../common/shell/manifests.sh
ask() {
  printf '%s' "$config" | fetch ${authority:+--cacert "$authority"} -K - "$@" 2>/dev/null
}
# digest TAG: prints it; nothing where there is none.
digest() {
  headers=$(ask -I "$base/$1") || exit 15
  case $(printf '%s\n' "$headers" | tr -d '\r' | awk '/^HTTP\// { code = $2 } END { print code }') in
    200) printf '%s\n' "$headers" | digest_in_headers ;;
    401) exit 14 ;;
    404) ;;
    *) exit 16 ;;
  esac
}
# take DIGEST
take() {
  code=$(ask -o /dev/null -w '%{http_code}' -X DELETE "$base/$1")
  case $code in
    202) ;;
    401) exit 14 ;;
    *) exit 16 ;;
  esac
}
image=$(digest "$tag") || exit
[ -n "$image" ] || exit 17
signatures=$(digest "sha256-${image#*:}.sig") || exit
[ -z "$signatures" ] || take "$signatures"
take "$image"
