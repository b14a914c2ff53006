# What this transaction brought is cut from what its programs print, before that is written anywhere
# that lasts. WORK_DIR/hidden has the secrets, one a line.
# shellcheck disable=SC2034 # undo.sh and step.sh read it
OUTPUT_DIR=$WORK_DIR

# fl_cut
# A filter: 12 characters in a row or more of a secret become ***, and shorter secrets wherever they
# stand. Where there is no awk, it prints a sentence instead.
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
        if (end > at) { clean = clean "***"; end += 11 }
        else { clean = clean substr(text, at, 1); end++ }
      }
      for (word in short) {
        text = clean; clean = ""
        while ((at = index(text, word)) > 0) {
          clean = clean substr(text, 1, at - 1) "***"
          text = substr(text, at + length(word))
        }
        clean = clean text
      }
      printf "%s", clean
    }' "$WORK_DIR/hidden" - 2>/dev/null ||
    printf '%s' 'not shown: there is no awk here that could cut secrets from it'
}
