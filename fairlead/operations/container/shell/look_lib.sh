# Which containers stand under some names. Included.
# shellcheck source=../../shell/once_lib.sh
. ../../shell/once_lib.sh

# look ENGINE WHICH FORMAT
# Prints a line in FORMAT for each container of these names; nothing for none. WHICH: `names=NAME...`,
# or a filter of `container ls`. All facts that ask in the same words share one answer. 2: the engine
# does not answer.
look() {
  once "containers.$1.$(printf %s "$2" | tr -c 'A-Za-z0-9' _)" containers_of "$@"
}

# containers_of ENGINE WHICH FORMAT
# shellcheck disable=SC2086 # one word for each
containers_of() {
  case $2 in
    names=*) containers_named "$1" "$3" ${2#names=} ;;
    *)
      ids=$("$1" container ls -aq --no-trunc --filter "$2") || return 2
      [ -z "$ids" ] || "$1" container inspect --format "$3" $ids
      ;;
  esac
}

# containers_named ENGINE FORMAT NAME...
# What `inspect` says of names that are not there is no fault; of an engine that is down it says
# something else. A name may begin the ID of another container: such a line is not printed.
containers_named() {
  engine=$1 format=$2
  shift 2
  lines=$("$engine" container inspect --format "=$format" "$@" 2>&1)
  others=$(printf '%s\n' "$lines" | grep -v -e '^=' -e '^$' -e '^\[\]$' | grep -vi 'no such container')
  if [ -n "$others" ]; then
    printf '%s\n' "$others"
    return 2
  fi
  printf '%s\n' "$lines" | NAMES=" $* " awk -F '\t' '
    sub(/^=\/?/, "") && index(ENVIRON["NAMES"], " " $1 " ")'
}
