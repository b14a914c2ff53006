# FILE half|empty|note: the journal loses its second half, or all; or the note of its last line is
# gone. Prints how many bytes were lost.
file=$1 kind=$2
before=$(cat "$file" "$file.last" 2>/dev/null | wc -c)
case $kind in
  half) truncate -s $(($(wc -c <"$file") / 2)) "$file" ;;
  empty) : >"$file" ;;
  note) rm -f "$file.last" ;;
esac
echo $((before - $(cat "$file" "$file.last" 2>/dev/null | wc -c)))
