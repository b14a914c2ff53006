# WORDS QUESTION...: has psconfig taken what it was told? It ends with 0 for what it refuses, so its list
# is read back by QUESTION. WORDS: what it was told. Exit code 1: it has not, which is said.
words=$1
shift
"$@" || {
  echo "psconfig did not take it: its list has no $words" >&2
  exit 1
}
