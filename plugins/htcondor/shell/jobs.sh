# NODE: waits until it is drained and has no job; prints a line whenever their number or latest end has
# changed. What is not known for ten minutes is a failure, and so is a drain that somebody gives back.
# shellcheck source=startd.sh
. ./startd.sh
number='' end=0 silent=''

# Tells of the jobs, unless nothing but a second has changed.
tell() {
  now=$(date +%s)
  last_number=$number last_end=$end
  number=$(jobs | wc -l)
  end=$(jobs | awk -v now="$now" '$5 > most { most = $5 } END { printf "%.0f", now + most }')
  [ "$number" -gt 0 ] || return
  [ "$number" != "$last_number" ] || [ $((end - last_end)) -gt 60 ] ||
    [ $((last_end - end)) -gt 60 ] || return
  [ "$number" -eq 1 ] && what='1 job' || what="$((number)) jobs"
  if [ $((end - now)) -gt 315360000 ]; then
    echo "$what, one without a limit"
  else
    echo "$what, at the latest until $(date -d "@$end" +%Y-%m-%dT%H:%M:%S)"
  fi
}

while :; do
  if startd "$1" 2>/dev/null; then
    silent=''
    idle && exit 0
    [ -n "$draining" ] || {
      echo "$1 takes jobs again: somebody has given it back, or whoever had drained it let it" \
        "resume (-resume-on-completion)" >&2
      exit 1
    }
    tell
  else
    silent=${silent:-$(date +%s)}
    [ $(($(date +%s) - silent)) -lt 600 ] || {
      startd "$1"
      exit 2
    }
  fi
  sleep 5
done
