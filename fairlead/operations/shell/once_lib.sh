# What several facts want of a slow program, asked once. Included.

# once KEY COMMAND...
# Prints what a command prints on both streams; all facts that are asked in one round trip (FL_SHARED:
# their folder) share one run of it, whose name is KEY. Exit: that of the command.
once() {
  key=$1
  shift
  [ -n "${FL_SHARED:-}" ] || { "$@" 2>&1; return; }
  (
    flock 9
    if [ ! -e "$FL_SHARED/$key.code" ]; then
      "$@" >"$FL_SHARED/$key" 2>&1 9>&-
      echo $? >"$FL_SHARED/$key.code"
    fi
    cat "$FL_SHARED/$key"
    exit "$(cat "$FL_SHARED/$key.code")"
  ) 9>"$FL_SHARED/$key.lock"
}

# engine_info ENGINE
# Prints all that `info` of an engine says, as JSON. Exit: that of `info`.
engine_info() { once "info.$1" "$1" info --format '{{json .}}'; }
