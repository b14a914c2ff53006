# ENGINE exec ps psconfig remote list|delete [URL]: an engine whose container has the remotes of the file
# ENGINE.urls.
[ "$2 $3" = "exec ps" ] || exit 9
urls=$1.urls
case $6 in
  list)
    comma=
    printf '=== pScheduler Agent ===\n[\n'
    while read -r url; do
      printf '%s{"url": "%s"}' "$comma" "$url"
      comma=,
    done <"$urls"
    printf '\n]\n'
    ;;
  delete)
    grep -vxF "$7" "$urls" >"$urls.new"
    mv "$urls.new" "$urls"
    ;;
esac
