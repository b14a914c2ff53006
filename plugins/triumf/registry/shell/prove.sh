# URL AUTHORITY; the line for curl with user and password on stdin. Asks the registry as its clients
# do: without them, which it has to refuse (401), then with them (200). AUTHORITY: a file, or "".
# Waits for one that is just starting. Exit codes as in login.sh.
url=$1 authority=$2
config=$(cat)
ask() {
  curl -sS --noproxy '*' -m 10 ${authority:+--cacert "$authority"} -o /dev/null \
    -w '%{http_code}' "$@" "$url" 2>&1
}
tries=20
until code=$(ask); do
  case $code in
    *expired*) exit 12 ;;
    *"does not match"* | *"subject name"*) exit 13 ;;
    *"self-signed"* | *"self signed"* | *"issuer"* | *"unknown CA"*) exit 11 ;;
  esac
  [ $((tries -= 1)) -gt 0 ] || exit 15
  sleep 0.5
done
[ "$code" = 401 ] || exit 16
code=$(printf '%s' "$config" | ask -K -) || exit 15
case $code in
  200) exit 0 ;;
  401) exit 14 ;;
  *) exit 16 ;;
esac
