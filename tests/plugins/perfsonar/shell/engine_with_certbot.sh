#!/bin/sh
# A stand-in of an engine whose `run` runs this machine's certbot on what would be mounted; `exec` is noted in $FOLDER/reloads.
if [ "$1" = exec ]; then
  echo "$*" >>"$FOLDER/reloads"
  exit
fi
html=/nowhere
while [ $# -gt 0 ]; do
  case $1 in
    -v)
      case $2 in
        *:/etc/letsencrypt:z) etc=${2%%:*} ;;
        *:/var/log/letsencrypt:z) logs=${2%%:*} ;;
        *:/var/www/html:z) html=${2%%:*} ;;
      esac
      shift ;;
    -e) export "REQUESTS_CA_BUNDLE=$etc/${2##*/}"; shift ;;
    certonly) break ;;
  esac
  shift
done
case " $* " in *" --webroot "*) echo "apache's pages" >"$FOLDER/how" ;; *) echo "certbot itself" >"$FOLDER/how" ;; esac
for word; do
  shift
  [ "$word" != /var/www/html ] || word=$html
  set -- "$@" "$word"
done
[ ! -e "$etc/cli.ini" ] || set -- --config "$etc/cli.ini" "$@"
exec certbot --config-dir "$etc" --work-dir "$etc/work" --logs-dir "$logs" "$@" >"$FOLDER/certbot.log" 2>&1
