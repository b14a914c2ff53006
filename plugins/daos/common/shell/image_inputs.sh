# To be included by a program whose words are
# ENGINE RECORD IMAGE PARENT COMPOSE-FILE FOLDER WORD...
#
# `image_id NAME` prints the ID of an image. `inputs WORD...` prints the digest of all that IMAGE is
# made from: the words (the values of variables), the image PARENT below it ("": none), the
# compose file and each file in the folder where it is built.

engine=$1 parent=$4 file=$5 folder=$6
shift 6
image_id() { "$engine" image ls -q --no-trunc "$1"; }
inputs() {
  {
    printf '%s\n' "$@"
    [ -z "$parent" ] || image_id "$parent"
    sha256sum <"$file"
    cd "$folder" && find . -type f -exec sha256sum {} + | LC_ALL=C sort
  } | sha256sum
}
