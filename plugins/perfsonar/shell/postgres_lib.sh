# What is asked of PostgreSQL's major versions. Included.

# major_of_state ROOT: prints that of the data which lies on the host
major_of_state() {
  for major in "$1"/current/var/lib/postgresql/*/main/PG_VERSION "$1"/current/var/lib/pgsql/*/data/PG_VERSION; do
    [ ! -f "$major" ] || cat "$major"
  done | sort -n | tail -n 1
}

# major_inside ENGINE CONTAINER: prints that of the data which a container has
major_inside() {
  "$1" exec "$2" sh -c 'cat /var/lib/postgresql/*/main/PG_VERSION /var/lib/pgsql/*/data/PG_VERSION 2>/dev/null' 2>/dev/null |
    sort -n | tail -n 1
}

# major_here ENGINE CONTAINER ROOT: prints that of the test point's data, wherever it lies
major_here() { major_of_state "$3" | grep . || major_inside "$1" "$2"; }

# major_of_image ENGINE IMAGE: prints that of an image that is here: as its recipe says it, else by the
# programs that it has
major_of_image() {
  major=$("$1" image inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$2" | sed -n 's/^PG_VERSION=//p')
  [ -n "$major" ] || major=$("$1" run --rm --network none --entrypoint sh "$2" -c 'ls /usr/lib/postgresql' 2>/dev/null | sort -n | tail -n 1)
  printf '%s\n' "$major"
}
