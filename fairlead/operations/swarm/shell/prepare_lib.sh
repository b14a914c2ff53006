# What the files of a stack are filled with. Included; it includes stack_lib.sh. The
# words are ROOT STACK PATIENCE STEADY ENV "SECRET ..." "IMAGE ..." RESOLVE FILE...
#   PATIENCE  how many seconds it may take
#   STEADY    how many of them a task has to have run, to count
#   ENV       a file of variables, or ""
#   RESOLVE   as `docker stack deploy` has it
# shellcheck source=stack_lib.sh
. ./stack_lib.sh
# shellcheck disable=SC2034 # judge_lib.sh and those that include it use them
patience=$1 steady=$2 env=$3 secrets=$4 images=$5 resolve=$6
shift 6

# prepare FILE...
# Exports what the files name: FAIRLEAD_SECRET_N, and FAIRLEAD_SPEC, a word for all that goes in.
# 1: a file or a secret is missing; 2: the swarm does not answer.
prepare() {
  for file in "$env" "$@"; do
    [ -z "$file" ] || [ -f "$file" ] || { echo "there is no $file" >&2; return 1; }
  done
  number=0 ingredients=
  for secret in $secrets; do
    number=$((number + 1))
    version=$(newest "$secret") || return 2
    [ -n "$version" ] || { echo "the swarm has no secret $secret" >&2; return 1; }
    export "FAIRLEAD_SECRET_$number=$version"
    ingredients="$ingredients $version"
  done
  for image in $images; do
    id=$(docker image ls -q --no-trunc "$image") || return 2
    ingredients="$ingredients $id"
  done
  FAIRLEAD_SPEC=$({ echo "$ingredients $resolve"; cat ${env:+"$env"} "$@"; } | short_hash)
  export FAIRLEAD_SPEC
  # last: no name of ours may take the place of one of these
  # shellcheck disable=SC1090 # the site names it
  [ -z "$env" ] || { set -a; . "$env"; set +a; }
}
