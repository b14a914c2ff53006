# To be included. `labels` prints the label of each pool, a line each; none where no server answers.

labels() {
  dmg --json pool list 2>/dev/null | grep -o '"label": *"[^"]*"' | cut -d '"' -f 4
}
