# is_image ENGINE IMAGE "IMAGE ID"
# Does the name mean the very image here that it means on the other host? 0 yes, 1 no, 2 the engine does not
# answer, 3 the other host runs one of another name.
engine=$1 image=$2 other=$3
case $other in
  "$image "*) ;;
  *" "*)
    echo "the other host has ${other% *}, and this one is to have $image" >&2
    exit 3
    ;;
esac
id=$("$engine" image inspect --format '{{.Id}}' "$image" 2>/dev/null) || {
  "$engine" image ls -q >/dev/null || exit 2
  exit 1
}
[ "${id#sha256:}" = "${other#* }" ]
