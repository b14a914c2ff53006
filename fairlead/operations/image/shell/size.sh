# WORK STANZA: prints the tree's size so far, and notes it in WORK/sizes.
work=$1 stanza=$2
kib=$(du -skx "$work/tree" | cut -f1) && mb=$(((kib * 1024 + 500000) / 1000000))
printf '%s=%sMB\n' "$(printf %s "$stanza" | tr ' ' _)" "$mb" >>"$work/sizes"
echo "$mb MB so far"
