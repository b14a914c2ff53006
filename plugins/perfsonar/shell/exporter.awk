# The image's options of node_exporter with those of the site (OPTIONS) in it: of the same name, or of
# its opposite, the site's count; all others stay. Other lines stay as they are.
function name(word) {
  sub(/=.*/, "", word)
  sub(/^--(no-)?/, "", word)
  return word
}
BEGIN {
  count = split(ENVIRON["OPTIONS"], own, " ")
  for (i = 1; i <= count; i++) is_own[name(own[i])] = 1
}
/^NODE_EXPORTER_OPTS=/ {
  text = $0
  sub(/^NODE_EXPORTER_OPTS="?/, "", text)
  sub(/"[ \t]*$/, "", text)
  print "NODE_EXPORTER_OPTS=\"" merged(text) ENVIRON["OPTIONS"] "\""
  is_there = 1
  next
}
{ print }
END { if (!is_there) print "NODE_EXPORTER_OPTS=\"" ENVIRON["OPTIONS"] "\"" }

function merged(text,    words, number, i, result, drops) {
  number = split(text, words, " ")
  for (i = 1; i <= number; i++) {
    if (words[i] ~ /^--/) drops = name(words[i]) in is_own
    if (!drops) result = result words[i] " "
  }
  return result
}
