# What `psconfig remote list` prints: a line for each remote, its URL in JSON, a tab, and its other keys
# with their values, sorted, as JSON has them without blanks.
function flush_pair() { if (key == "\"url\"") url = value; else if (key != "") pair[++pairs] = key ":" value; key = value = "" }
function emit(  i, j, word, line) {
  for (i = 2; i <= pairs; i++) {
    word = pair[i]
    for (j = i - 1; j > 0 && pair[j] > word; j--) pair[j + 1] = pair[j]
    pair[j + 1] = word
  }
  for (i = 1; i <= pairs; i++) line = line (i > 1 ? "," : "") pair[i]
  print url "\t" line
  pairs = 0; url = ""
}
{ text = text $0 "\n" }
END {
  while (text != "") {
    if (match(text, /^[ \t\r\n]+/)) { text = substr(text, RLENGTH + 1); continue }
    if (!match(text, /^"([^"\\]|\\.)*"/) && !match(text, /^[^] \t\r\n"{}[,:]+/)) RLENGTH = 1
    token = substr(text, 1, RLENGTH); text = substr(text, RLENGTH + 1)
    gsub(/\\\//, "/", token)
    if (token ~ /^[[{]$/) depth++
    if (depth == 2 && token == "}") { flush_pair(); emit() }
    else if (depth == 2 && token == ",") flush_pair()
    else if (depth == 2 && token == ":") { key = value; value = "" }
    else if (depth > 2 || (depth == 2 && token != "{")) value = value token
    if (token ~ /^[]}]$/) depth--
  }
}
