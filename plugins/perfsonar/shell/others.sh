# ENTRIES WHAT ENGINE CONTAINER URL...: the remotes of a container beside these. Of both, user and
# password do not count. WHAT: "none": are there none? "delete": they are taken away. Exit codes: 1
# there are some, or one could not be taken away; 2 they could not be asked for.
entries=$1 what=$2 engine=$3 container=$4
shift 4
# listed: URL a line, as psconfig has it
listed() {
  all=$("$engine" exec "$container" psconfig remote list) || exit 2
  printf '%s\n' "$all" | awk "$entries" | cut -f1 | sed 's/^"//; s/"$//'
}
# beside URL...: those of stdin that are none of these
beside() {
  while IFS= read -r url; do
    bare=$(printf '%s\n' "$url" | sed 's,//[^/@]*@,//,')
    printf '%s\n' "$@" | grep -qxF -- "$bare" || printf '%s\n' "$url"
  done
}
urls=$(listed) || exit
others=$(printf '%s\n' "$urls" | grep . | beside "$@")
[ -n "$others" ] || exit 0
[ "$what" = delete ] || exit 1
printf '%s\n' "$others" | while IFS= read -r url; do
  "$engine" exec "$container" psconfig remote delete "$url" </dev/null || exit 1
done
urls=$(listed) || exit
[ -z "$(printf '%s\n' "$urls" | grep . | beside "$@")" ]
