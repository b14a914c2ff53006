# To be included by a program whose words are ENGINE FOLDER TAG [IMAGE].
#
# FOLDER has `now`, from which sessions begin, `before` and `oldest`, which were there before it,
# `next`, which the site describes, and what is half made: `new`. Each has the files of a session
# and, in `image`, the ID of its image.

engine=$1 folder=$2 tag=$3 image=${4-}

image_id() { "$engine" image ls -q --no-trunc "$1"; }

# is_now: is `now` what `next` and IMAGE say? 1: it is not; 2: the engine does not answer
is_now() {
  id=$(image_id "$image") || return 2
  [ -n "$id" ] && [ "$id" = "$(cat "$folder/now/image" 2>/dev/null)" ] || return 1
  files='./compose.yml ./session.json ./variables.env'
  # shellcheck disable=SC2086 # one word for each
  [ "$(cd "$folder/next" && sha256sum $files)" = "$(cd "$folder/now" && sha256sum $files)" ]
}

# move FROM TO: where FROM is there and TO is not
move() {
  [ ! -d "$folder/$1" ] || [ -d "$folder/$2" ] || mv "$folder/$1" "$folder/$2"
}

# name_images: the images have the names that keep them, and by which sessions begin
name_images() {
  for pair in "now $tag" "before $tag-before"; do
    id_file=$folder/${pair%% *}/image
    [ ! -f "$id_file" ] || "$engine" tag "$(cat "$id_file")" "${pair#* }" || return 1
  done
}
