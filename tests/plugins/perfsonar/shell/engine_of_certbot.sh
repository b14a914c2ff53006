# FOLDER WORD...: a stand-in of an engine. `run`: certbot has made the certificate of FOLDER/number, unless FOLDER/refuses;
# `exec`: noted in FOLDER/reloads, unless FOLDER/stopped.
folder=$1
shift
case $1 in
  run)
    echo "$*" >"$folder/words"
    [ ! -e "$folder/refuses" ] || { echo "Some challenges have failed." >&2; exit 1; }
    number=$(cat "$folder/number" 2>/dev/null || echo 1)
    live=$folder/root/acme/etc/live/ps
    mkdir -p "$live"
    echo "key $number" >"$live/privkey.pem"
    echo "certificate $number" >"$live/fullchain.pem"
    ;;
  exec)
    [ ! -e "$folder/stopped" ] || { echo "container ps is not running" >&2; exit 1; }
    echo "$*" >>"$folder/reloads"
    ;;
esac
