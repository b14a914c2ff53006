# Included by programs that look at containers; they set $engine. Exit code 2: it does not answer.
# shellcheck source=processes.sh
. ./processes.sh
# shellcheck disable=SC2154
running=$("$engine" container ls --filter status=running --format '{{.Names}}') || exit 2

# runs NAME: does this container run?
runs() {
  printf '%s\n' "$running" | grep -qxF -- "$1"
}
