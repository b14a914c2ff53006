# recall FILE WORD...
# Do the words print what was written down? 0 yes, or nothing was written down; 1 no; 2 they failed.
file=$1
shift
[ -e "$file" ] || exit 0
now=$("$@") || exit 2
before=$(cat "$file")
[ "$now" = "$before" ] || {
  printf 'before:\n%s\nnow:\n%s\n' "$before" "$now" >&2
  exit 1
}
