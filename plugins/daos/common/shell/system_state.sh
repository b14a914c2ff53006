# system_state: prints what `dmg system query` and `dmg pool list` answer as JSON, each behind a line
# `--- NAME EXIT-CODE`. Runs inside the admin's image.

ask() {
  name=$1
  shift
  answer=$("$@" 2>/dev/null)
  printf '%s\n%s\n' "--- $name $?" "$answer"
}
ask system dmg --json system query
ask pools dmg --json pool list
