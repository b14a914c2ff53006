# fl_undo RUN
# Undoes every step begun and not undone yet, the last one first; each is an event. A failing undo
# does not stop the others. Exit: 0 all undone, 1 not all.
fl_undo() {
  undo_folder=$STATE_DIR/runs/$1 undo_failed=
  # shellcheck disable=SC2013 # numbers
  for undo_step in $(sed -n 's/^begun //p' "$undo_folder/marks" 2>/dev/null | sort -rnu); do
    if ! grep -q "^$undo_step\.)" "$undo_folder/undo" ||
      grep -qx "undone $undo_step" "$undo_folder/marks"; then
      continue
    fi
    undo_out=${OUTPUT_DIR:-$undo_folder}/undo.$undo_step
    fl_execute "$undo_out" "$undo_out" sh "$undo_folder/undo" "$undo_step" </dev/null
    undo_code=$?
    if [ $undo_code = 0 ]; then
      printf 'undone %s\n' "$undo_step" >>"$undo_folder/marks"
    else
      undo_failed=1
    fi
    fl_event undo "$undo_step" $undo_code "$(fl_tail "$undo_out")"
  done
  [ -z "$undo_failed" ]
}
