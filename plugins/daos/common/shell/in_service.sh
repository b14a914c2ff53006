# in_service ENGINE FOLDER TAG: what sessions begin from.
#
# Prints session.json, the ID of the image TAG ("?": the engine does not answer), and `before` where
# there is one to return to, a line each.
# Exit codes: 0; 1 nothing was put into service.

engine=$1 folder=$2 tag=$3
cat "$folder/now/session.json" 2>/dev/null || exit 1
"$engine" image ls -q --no-trunc "$tag" 2>/dev/null | grep . || {
  if "$engine" image ls -q "$tag" >/dev/null 2>&1; then echo; else echo '?'; fi
}
[ ! -d "$folder/before" ] || echo before
