# Part of the file `undo` of a run, which asks itself.

# fl_prove SECONDS STEP
# Asks whether what the undo of this step brought back works, until it does or the time is over.
# Prints what was said the last time. Exit: 0 it works, 1 it does not.
fl_prove() {
  read -r proof_clock _ </proc/uptime
  proof_deadline=$((${proof_clock%.*} + ${1%.*}))
  until proof_words=$(timeout -k 2 60 sh "$0" "$2" asked 2>&1); do
    read -r proof_clock _ </proc/uptime
    if [ "${proof_clock%.*}" -ge "$proof_deadline" ]; then
      printf '%s\n' "$proof_words" | tail -n 10
      return 1
    fi
    sleep 1
  done
}
