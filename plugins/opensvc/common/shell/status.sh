# To be included. `read_status WORD...` runs the words that print an agent's JSON and sets `flat`:
# a line `path/of/keys=value` for each value of the service's status on this node. It ends the
# program with 2 where they fail, or print no JSON.
#
# Agent 3 wraps the status, with what the node and the configuration say: theirs is not asked for.

# JSON on stdin, whatever stands before it.
flatten() {
  awk '
    { text = text $0 "\n" }
    END {
      sub(/^[^{]*/, "", text)
      while (match(text, /^[ \t\r\n]*("([^"\\]|\\.)*"|[][{},:]|[^][{},:" \t\r\n]+)/)) {
        token = substr(text, 1, RLENGTH)
        text = substr(text, RLENGTH + 1)
        sub(/^[ \t\r\n]+/, "", token)
        if (token == "{" || token == "[") {
          kind[++depth] = token
          name[depth] = token == "[" ? 0 : ""
          value = 0
        } else if (token == "}" || token == "]") {
          if (!--depth) exit
          value = 0
        } else if (token == ",") {
          value = 0
          if (kind[depth] == "[") name[depth]++
        } else if (token == ":") {
          value = 1
        } else {
          gsub(/^"|"$/, "", token)
          if (kind[depth] == "{" && !value) name[depth] = token
          else {
            path = name[1]
            for (i = 2; i <= depth; i++) path = path "/" name[i]
            print path "=" token
          }
        }
      }
    }'
}

read_status() {
  json=$("$@" 2>/dev/null) || {
    echo "the agent does not answer: $* ended with $?" >&2
    exit 2
  }
  flat=$(printf '%s\n' "$json" | flatten)
  own=$(printf '%s\n' "$flat" | sed -n 's#^status/##p')
  case $own in *avail=*) flat=$own ;; esac
  [ -n "$flat" ] || {
    echo "the agent's status is no JSON: $json" >&2
    exit 2
  }
}
