# resources_are up|down|there RID[,RID...] WORD...: are these resources so, by the agent's JSON?
#
# RID: a resource of the service, or `avail` or `overall`; one that is `n/a` is never wrong.
# WORD...: the command that prints the JSON.
# Exit codes: 0 yes; 1 one is not, or the agent does not know it; 2 the agent could not say.

# shellcheck source=status.sh
. ./status.sh
wanted=$1 rids=$2
shift 2
read_status "$@"
for rid in $(printf %s "$rids" | tr , ' '); do
  case $rid in avail | overall) key=$rid ;; *) key=resources/$rid/status ;; esac
  is=$(printf '%s\n' "$flat" | awk -v key="$key" '
    {
      at = index($0, "=")
      path = substr($0, 1, at - 1)
      if (path == key) {
        print substr($0, at + 1)
        exit
      }
    }')
  case $wanted:$is in
    *:)
      [ "$wanted" = down ] || {
        echo "the agent does not know $rid" >&2
        exit 1
      }
      ;;
    there:* | *:n/a | up:up | "up:stdby up" | down:down | "down:stdby down") ;;
    *)
      echo "$rid is $is" >&2
      exit 1
      ;;
  esac
done
