# URL NAME TAG AUTHORITY; the line for curl with user and password on stdin. Takes an image out of
# the registry: a manifest goes by its digest, and all tags that are that image with it; its
# signatures go first, so that none stays behind where something fails. AUTHORITY: a file, or "".
# Exit code 14: the password is refused, 15: there is no such image, 16: another answer.
base=$1/v2/$2/manifests tag=$3 authority=$4
config=$(cat)
# shellcheck source=../../common/shell/manifests.sh
. ../../common/shell/manifests.sh
ask() {
  printf '%s' "$config" | fetch ${authority:+--cacert "$authority"} -K - "$@" 2>/dev/null
}
# digest TAG
digest() {
  ask -I "$base/$1" | digest_in_headers
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
image=$(digest "$tag")
[ -n "$image" ] || exit 15
signatures=$(digest "sha256-${image#*:}.sig")
[ -z "$signatures" ] || take "$signatures"
take "$image"
