# The lines of its first file are URLs as JSON has them, its second file is the agent's configuration;
# prints that with each among its remotes. One that differs in user and password alone is replaced
# where it stands, with whatever else is said of it. Exit code 3: the configuration is no object.
function bare(url) { sub("//[^/@]*@", "//", url); return url }
NR == FNR { if ($0 != "") url[++n] = $0; next }
{ text = text $0 "\n" }
END {
  while (match(text, /"([^"\\]|\\.)*"/)) {
    word = substr(text, RSTART + 1, RLENGTH - 2); plain = word; gsub(/\\\//, "/", plain)
    for (i = 1; i <= n; i++) if (bare(plain) == bare(url[i])) { word = url[i]; there[i] = 1 }
    done = done substr(text, 1, RSTART - 1) "\"" word "\""; text = substr(text, RSTART + RLENGTH)
  }
  text = done text
  list = "\"remotes\"[ \t\r\n]*:[ \t\r\n]*\\["
  if (!match(text, list)) {
    if (!match(text, "{")) exit 3
    rest = substr(text, RSTART + 1)
    text = substr(text, 1, RSTART) "\n    \"remotes\": []" (rest ~ /^[ \t\r\n]*}/ ? "" : ",") rest
  }
  for (i = n; i > 0; i--) if (!there[i]) {
    match(text, list); rest = substr(text, RSTART + RLENGTH)
    end = rest ~ /^[ \t\r\n]*\]/ ? "\n    " : ","
    remote = "\n        {\n            \"url\": \"" url[i] "\"\n        }"
    text = substr(text, 1, RSTART + RLENGTH - 1) remote end rest
  }
  printf "%s", text
}
