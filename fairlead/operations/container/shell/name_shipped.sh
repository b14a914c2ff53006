# name_shipped ENGINE IMAGE "IMAGE ID"
# The image that has been shipped gets its name. 1: it is not here by this ID.
engine=$1 image=$2 id=${3#* }
"$engine" image inspect "$id" >/dev/null 2>&1 || {
  echo "no image $id has arrived: engines of other versions, or with another store, give an image another ID" >&2
  exit 1
}
"$engine" tag "$id" "$image"
