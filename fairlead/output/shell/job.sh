#!/bin/sh
# What fairlead would do, as a script that needs no fairlead. On each of its hosts, as the user that
# fairlead would be there (root):
#
#   sh job.sh             where the host calls itself as the site does
#   sh job.sh NAME        the part of the host NAME, whatever this one calls itself
#
# A step asks first whether it is so already; where one fails, all that was begun is undone, the last
# first. Ctrl-C does the same, once the program that runs has ended; a line that is cut ends nothing.
# It holds what was so when it was made: make it anew once something has changed. Unlike fairlead it
# locks nobody out, writes no journal, and waits for no other host.
#
# Exit: 0 as asked; 1 a step failed; 8 a version did not become healthy, and all is back; 2 nothing
# here is for this host, or a value is missing.
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL
umask 077
HOST=${1:-$(hostname)}
HOSTS='' MATCHED='' BEGUN='' CHANGED=''
CONFIRMED=/run/fairlead-job.confirmed PROOF_SECONDS=180
trap '' HUP
trap 'fail "it was interrupted"' INT TERM
trap finish EXIT

# part COMPONENT HOST...
# Exit: 0 the steps that follow are for this host.
part() {
  COMPONENT=$1
  shift
  HOSTS="$HOSTS $*"
  for part_host in "$@"; do
    if [ "$part_host" = "$HOST" ] || [ "$part_host" = "${HOST%%.*}" ]; then
      MATCHED=1
      return 0
    fi
  done
  return 1
}

# phase NAME
# From here on, what was done before stays, whatever happens.
phase() {
  BEGUN=''
}

# needs VARIABLE WHAT
# Ends the script before anything is done where a value is missing.
needs() {
  eval "value=\${$1:-}"
  [ -n "$value" ] && return 0
  say "$1 is missing: $2; run it as $1=... sh job.sh"
  exit 2
}

# say WORDS
say() {
  printf '%s: %s: %s\n' "$HOST" "$COMPONENT" "$1" >&2
}

# has FUNCTION
# Exit: 0 the step has it.
has() {
  command -v "$1" >/dev/null
}

# step NUMBER NAME SECONDS EVERY [quiet]
# Asks `already`, does `change`, waits for `ready` for so many SECONDS, asking EVERY so often. `quiet`:
# what it prints is not shown.
step() {
  NAME=$2
  ask_whether_already "${5:-}" || do_step "$@"
  unset -f already change ready gate
}

# ask_whether_already [quiet]
# Exit: 0 it is so, 1 it is not. Nobody knows: then all ends.
ask_whether_already() {
  has already || return 1
  answer=$( (already) </dev/null 2>&1)
  case $? in
    0) say "ok       $NAME" ;;
    1) return 1 ;;
    *)
      [ -n "$1" ] || printf '%s\n' "$answer" >&2
      fail "$NAME: whether it is so already could not be asked"
      ;;
  esac
}

# do_step NUMBER NAME SECONDS EVERY [quiet]
do_step() {
  if has change; then
    BEGUN="$1 $BEGUN"
    do_change "${5:-}" || fail "$2: exit code $?"
    CHANGED=1
  fi
  ! has ready || wait_until_ready "$3" "$4" || fail "$2: not within $3 s: $answer"
  if has change; then say "changed  $2"; else say "ok       $2"; fi
}

# do_change [quiet]
# What `keep NAME` stands before is remembered in the variable kept_NAME. Exit: that of `change`.
do_change() {
  if [ -n "${KEEP:-}" ]; then
    # shellcheck disable=SC2034 # by its name, below
    printed=$( (change) </dev/null) || return
    eval "kept_$KEEP=\$printed"
    export "kept_${KEEP?}"
    KEEP=''
  elif [ -n "$1" ]; then
    (change) </dev/null >/dev/null 2>&1
  else
    (change) </dev/null
  fi
}

# keep NAME
keep() {
  KEEP=$1
}

# clock
# Sets NOW: seconds since boot.
clock() {
  read -r NOW _ </proc/uptime
  NOW=${NOW%%.*}
}

# wait_until_ready SECONDS EVERY
# Exit: 0 `ready` says so; 1 not in time, and `answer` has its last words.
wait_until_ready() {
  clock
  deadline=$((NOW + ${1%%.*}))
  until answer=$( (ready) </dev/null 2>&1); do
    clock
    [ "$NOW" -lt "$deadline" ] || return 1
    sleep "$2"
  done
}

# confirm SECONDS
# What was changed may have cut us off: somebody has to come by a new connection, from now on.
confirm() {
  rm -f "$CONFIRMED"
  say "is it reachable still? within $1 s, by a new connection: touch $CONFIRMED"
  confirmed() { [ -e "$CONFIRMED" ]; }
  clock
  deadline=$((NOW + ${1%%.*}))
  until confirmed; do
    clock
    [ "$NOW" -lt "$deadline" ] || fail "$NAME: nobody came by a new connection"
    sleep 1
  done
  rm -f "$CONFIRMED"
}

# fail WORDS
# Undoes what was begun, asks whether what is back works, and ends the script.
fail() {
  trap '' INT TERM
  say "FAILED   $1"
  end_code=1 undone=''
  ! has gate || end_code=8
  for number in $BEGUN; do
    if ! has "undo_$number"; then
      continue
    elif ("undo_$number") </dev/null >&2; then
      say "undone   step $number"
      undone="$undone $number"
    else
      say "STUCK    step $number could not be undone: see above, and undo it by hand"
      end_code=1
    fi
  done
  prove_undone "$undone" || end_code=1
  exit $end_code
}

# prove_undone NUMBERS
# Exit: 0 what these steps have brought back works, 1 not all.
prove_undone() {
  proved=0
  for number in $1; do
    has "prove_$number" || continue
    ready() { "prove_$number"; }
    if wait_until_ready "$PROOF_SECONDS" 1; then
      say "well     what step $number brought back"
    else
      say "SILENT   what step $number brought back: $answer"
      proved=1
    fi
  done
  return $proved
}

# finish
# The last word, whatever the end.
finish() {
  finish_code=$?
  if [ -z "$MATCHED" ] && [ $finish_code = 0 ]; then
    printf '%s\n' "nothing here is for $HOST, but for:$HOSTS; name one: sh job.sh NAME" >&2
    exit 2
  fi
  [ $finish_code != 0 ] || [ -n "$CHANGED" ] ||
    printf '%s\n' "$HOST: ok, nothing changed" >&2
}
