# To be included. `has_image IMAGE`: is it in the engine, by name, digest or the beginning of an ID?
# It ends the program with 2 where the engine does not answer.

has_image() {
  all=$(docker image ls --no-trunc --digests \
    --format '{{.ID}} {{.Repository}}:{{.Tag}} {{.Repository}}@{{.Digest}}') || exit 2
  case $1 in *:* | *@*) name=$1 ;; *) name=$1:latest ;; esac
  case ${1##*/} in *:* | *@*) ;; *) name=$1:latest ;; esac
  printf '%s\n' "$all" | awk -v name="$name" -v id="sha256:$1" '
    $2 == name || $3 == name || index($1, id) == 1 { found = 1 }
    END { exit !found }'
}
