# The configuration of the daemon of the lookup service, with the lines that the environment's KEYS
# holds: each is a key and its value, or one of a block <administrator>. They stand where the first of
# their keys stood outside of the blocks, else before the first block; what else stood there of these
# keys goes. All other lines stay. Exit code 3: it has no <site>, without which the daemon ends.
function keyword(line) { sub(/^[ \t]+/, "", line); sub(/[ \t=].*$/, "", line); return line }
function ours(  i) { for (i = 1; i <= n; i++) text = text line[i] "\n"; done = 1 }
BEGIN {
  n = split(ENVIRON["KEYS"], line, "\n")
  for (i = 1; i <= n; i++) if (!inside) { word = keyword(line[i]); managed[word] = 1; inside = word == "<administrator>" }
}
continued { continued = /\\$/; next }
skipped { if (/^[ \t]*<\/administrator>/) skipped = 0; next }
{
  word = keyword($0)
  if (!depth && word in managed) {
    if (!done) ours()
    skipped = word == "<administrator>"; continued = !skipped && /\\$/
    next
  }
  if (word ~ /^<\//) depth--
  else if (word ~ /^</) {
    if (word == "<site>" && !depth) site = 1
    if (!depth && !block) { block = 1; mark = length(text) }
    depth++
  }
  text = text $0 "\n"
}
END {
  if (!site) exit 3
  if (!done) { rest = substr(text, mark + 1); text = substr(text, 1, mark); ours(); text = text "\n" rest }
  printf "%s", text
}
