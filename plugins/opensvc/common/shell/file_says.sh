# file_says INSTALLED: does the installed file say what stdin says?
#
# Order, blanks, comments and the id that agents add do not count.
# Exit codes: 0 yes; 1 no, or there is no such file.

# Prints the words of a file on stdin, a line `[SECTION]WORD=VALUE` for each.
words() {
  awk '
    /^[ \t]*[#;]/ { next }
    /^\[/ { section = $0; next }
    /=/ {
      at = index($0, "=")
      key = substr($0, 1, at - 1)
      value = substr($0, at + 1)
      gsub(/^[ \t]+|[ \t\r]+$/, "", key)
      gsub(/^[ \t]+|[ \t\r]+$/, "", value)
      if (section key != "[DEFAULT]id") print section key "=" value
    }' | sort
}
wanted=$(words)
[ -f "$1" ] && [ "$(words <"$1")" = "$wanted" ]
