# What is told of a container. Included.

# encoded: its input in base64, on one line
encoded() { base64 | tr -d '\n'; }

# variables ENGINE CONTAINER IMAGE
# Prints "N NAME" of each variable of a container that its image does not give it; M: of several
# lines, Q: with a quote in it.
variables() {
  theirs='{{range .Config.Env}}{{println (json .)}}{{end}}'
  images=$("$1" image inspect --format "$theirs" "$3" 2>/dev/null) || images=
  own=$("$1" container inspect --format "$theirs" "$2") || return
  printf '%s\n' "$own" | IMAGES=$images awk '
    BEGIN { n = split(ENVIRON["IMAGES"], known, "\n"); for (i = 1; i <= n; i++) image[known[i]] }
    { name = substr($0, 2); sub(/=.*/, "", name) }
    $0 == "" || $0 in image || name ~ /^(HOSTNAME|HOME|TERM|container|container_uuid)$/ { next }
    name == "PATH" && ENVIRON["IMAGES"] !~ /"PATH=/ { next }
    { print (/\\n/ ? "M" : index($0, "\047") ? "Q" : "N") " " name }'
}
