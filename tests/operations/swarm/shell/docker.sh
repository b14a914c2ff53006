# A docker that knows one service, as the files `about` and `tasks` describe it, on the nodes of the file `nodes`. The specification of
# a task whose ID begins with o is an old one.
case "$1 $2" in
  "node ls") cat nodes ;;
  "service ls") echo s1 ;;
  "service inspect") cat about ;;
  "service ps") cat tasks ;;
  "inspect --type")
    while IFS='|' read -r id _; do
      case $id in o*) echo "$id|old" ;; *) echo "$id|new" ;; esac
    done <tasks
    ;;
esac
