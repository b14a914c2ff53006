# Included by programs that look at containers. Exit code 2: the engine does not answer.
running=$(docker container ls --filter status=running --format '{{.Names}}') || exit 2

# runs NAME: does this container run?
runs() {
  printf '%s\n' "$running" | grep -qxF -- "$1"
}
