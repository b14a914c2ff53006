# The journal of this host to the reader: every piece of it, the oldest first, and the link that the
# last line of all has to have.

# fl_report_journal
fl_report_journal() {
  piece=1
  while [ -f "$STATE_DIR/journal.$piece" ]; do
    fl_report journal "journal.$piece" "$(fl_base64 "$STATE_DIR/journal.$piece")"
    piece=$((piece + 1))
  done
  for file in journal journal.last; do
    [ ! -f "$STATE_DIR/$file" ] || fl_report journal "$file" "$(fl_base64 "$STATE_DIR/$file")"
  done
}
