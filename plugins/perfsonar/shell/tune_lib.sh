# Settings of the kernel, which lie below PROC (/proc/sys), in a file of ours of lines "NAME = VALUE". Included; the words are
# PROC FILE KEPT BEFORE: KEPT is for untune, BEFORE what they were before our first change, lines "NAME VALUE".
proc=$1 file=$2 kept=$3 before=$4

pairs() { sed -n 's/^\([a-z][^ ]*\) = /\1 /p'; } # lines "NAME VALUE" of such a file, by stdin
path_of() { printf '%s/%s\n' "$proc" "$(printf %s "$1" | tr . /)"; }
value_of() { tr -s '\t ' '  ' <"$(path_of "$1")"; }
before_of() { sed -n "s/^$1 //p" "$before"; }

# set_value NAME VALUE: 1 the kernel does not take it, and why
set_value() {
  { printf '%s\n' "$2" >"$(path_of "$1")"; } 2>/dev/null || :
  [ "$(value_of "$1")" = "$2" ] || {
    echo "$1 stays $(value_of "$1"): this kernel does not take $2" >&2
    return 1
  }
}

# save NAME...: what untune brings back
save() {
  rm -rf "$kept" "$kept.new"
  mkdir -p "$kept.new"
  for name; do printf '%s %s\n' "$name" "$(value_of "$name")"; done >"$kept.new/values"
  [ ! -e "$file" ] || cp -p "$file" "$kept.new/file"
  [ ! -e "$before" ] || cp -p "$before" "$kept.new/before"
  sync "$kept.new/values" 2>/dev/null || sync
  mv "$kept.new" "$kept"
}
