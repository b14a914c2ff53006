# choose @GENERATION WORD... @GENERATION WORD...: runs the words behind the agent that is here.
#
# Exit codes: that of the words; 3 there is no agent.

# shellcheck source=generations.sh
. ./generations.sh
here=$(generation)
is_here=
for word; do
  shift
  case $word in
    @*)
      is_here=
      [ "$word" != "@$here" ] || is_here=1
      ;;
    *) [ -z "$is_here" ] || set -- "$@" "$word" ;;
  esac
done
[ $# -gt 0 ] || {
  echo "there is no OpenSVC agent here" >&2
  exit 3
}
exec "$@"
