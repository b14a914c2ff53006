# Seconds between tries of undos that fail, of all of one run: an engine that has died is started
# again by its host.
UNDO_PAUSES='1 2 4 8 15'

# fl_undo RUN
# Undoes every step begun and not undone yet, the last one first; each is an event. A failing undo
# does not stop the others. Then it is asked whether what came back works, which changes no exit.
# Exit: 0 all undone, 1 not all.
fl_undo() {
  undo_folder=$STATE_DIR/runs/$1 undo_failed='' undone_now='' undo_pauses=$UNDO_PAUSES
  # shellcheck disable=SC2013 # numbers
  for undo_step in $(sed -n 's/^begun //p' "$undo_folder/marks" 2>/dev/null | sort -rnu); do
    if ! grep -q "^$undo_step\.)" "$undo_folder/undo" ||
      grep -qx "undone $undo_step" "$undo_folder/marks"; then
      continue
    fi
    undo_out=$WORK_DIR/undo.$undo_step
    fl_note_now undo "$undo_step" undoes
    fl_try_undo
    if [ "$undo_code" = 0 ]; then
      fl_append "$undo_folder/marks" "undone $undo_step"
      undone_now="$undone_now $undo_step"
    else
      undo_failed=1
    fi
    fl_event undo "$undo_step" "$undo_code" "$(fl_tail "$undo_out")"
    fl_keep_output "undo.$undo_step"
  done
  [ -z "$undo_failed" ] || return 1
  fl_prove_undone
}

# fl_try_undo
# Undoes undo_step, again and again for a while where that fails; one that has used up its time is not
# tried again. Sets undo_code to its last exit code.
fl_try_undo() {
  while :; do
    fl_execute "$undo_out" "$undo_out" sh "$undo_folder/undo" "$undo_step" </dev/null
    undo_code=$?
    case $undo_code in 0 | 124 | 137 | 143) return ;; esac
    [ -n "$undo_pauses" ] && [ -z "${STOPPING:-}" ] || return 0
    sleep "${undo_pauses%% *}"
    case $undo_pauses in
      *' '*) undo_pauses=${undo_pauses#* } ;;
      *) undo_pauses='' ;;
    esac
  done
}

# fl_prove_undone
# Of each step undone that has such a question: does what came back work? Each answer is an event.
fl_prove_undone() {
  # shellcheck disable=SC2013,SC2086 # numbers
  for proved in $({ sed -n 's/^undone //p' "$undo_folder/marks"; printf '%s\n' $undone_now; } | sort -nu); do
    grep -q "^$proved\.proof)" "$undo_folder/undo" || continue
    proof_out=$WORK_DIR/proof.$proved
    fl_note_now proof "$proved" undoes
    fl_execute "$proof_out" "$proof_out" sh "$undo_folder/undo" "$proved" proof </dev/null
    proof_code=$?
    fl_event proof "$proved" $proof_code "$(fl_tail "$proof_out")"
    fl_keep_output "proof.$proved"
  done
}
