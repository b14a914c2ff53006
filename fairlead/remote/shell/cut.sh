# What this transaction brought is cut from what its programs print, before that is written anywhere that lasts: 12 characters in a row or more.
outs=$R

fl_cut() {
  awk '
    NR == FNR {
      if (length($0) < 12) { if ($0 != "") short[$0]; next }
      for (i = length($0) - 11; i > 0; i--) part[substr($0, i, 12)]
      next
    }
    { text = text gap $0; gap = "\n" }
    END {
      for (at = 1; at <= length(text); at = end) {
        for (end = at; substr(text, end, 12) in part; end++) ;
        if (end > at) { said = said "***"; end += 11 } else { said = said substr(text, at, 1); end++ }
      }
      for (word in short) {
        text = said; said = ""
        while ((at = index(text, word)) > 0) { said = said substr(text, 1, at - 1) "***"; text = substr(text, at + length(word)) }
        said = said text
      }
      printf "%s", said
    }' "$R/hidden" - 2>/dev/null || printf '%s' 'not shown: there is no awk here that could cut secrets from it'
}
