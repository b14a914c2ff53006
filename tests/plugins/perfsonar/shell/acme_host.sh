# FOLDER SHELL KEY: a host with a hosts file of its own, Pebble, which wants the account kid-1 with this HMAC key, and an engine that runs certbot. Prints lines "WORD: ANSWER".
export FOLDER="$1"
shell=$2 root=$1/root
cd "$FOLDER" || exit 1
ip link set lo up
printf '127.0.0.1 %s\n' localhost ps1.example.org ps1-lat.example.org ca.example.org >hosts
mount --bind hosts /etc/hosts
printf '' >resolv
mount --bind resolv /etc/resolv.conf
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=ca.example.org \
  -addext subjectAltName=DNS:ca.example.org 2>/dev/null
cat >pebble.json <<END
{"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000", "certificate": "ca.pem",
  "privateKey": "ca.key", "httpPort": 80, "tlsPort": 443, "ocspResponderURL": "", "externalAccountBindingRequired": true,
  "externalAccountMACKeys": {"kid-1": "$3"}}}
END
PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 pebble -config pebble.json >pebble.log 2>&1 &
pebble=$!
mkdir -p bin "$root/current/etc/ssl/certs" "$root/current/etc/ssl/private" "$root/current/var/www/html"
cp "$shell/engine_with_certbot.sh" bin/engine
chmod 755 bin/engine
PATH=$FOLDER/bin:$PATH
tries=50
until curl -s --cacert ca.pem https://ca.example.org:14000/dir >/dev/null || [ $((tries -= 1)) = 0 ]; do sleep 0.2; done

run() { sh acme.sh engine ps "$root" certbot/certbot net@example.org https://ca.example.org:14000/dir "$FOLDER/ca.pem" yes "$@"; }
pem=$root/current/etc/ssl/certs/pscheduler.pem
same() { if cmp -s "$pem" before; then echo "the same"; else echo another; fi; }
names_of() { openssl x509 -in "$pem" -noout -ext subjectAltName | tail -n 1 | tr -d ' ' | tr ',' '\n' | sort | paste -s -d ' '; }

run ps1.example.org
echo "without an account: $?"
mkdir -p "$root/acme/etc"
cp account "$root/acme/etc/cli.ini"
run ps1.example.org
echo "alone: $?"
echo "by: $(cat how)"
echo "names: $(names_of)"
cp "$pem" before
run ps1.example.org
echo "again: $?, $(same)"
python3 -m http.server 80 --directory "$root/current/var/www/html" >http.log 2>&1 &
http=$!
until curl -s http://127.0.0.1/ >/dev/null || [ $((tries -= 1)) = 0 ]; do sleep 0.2; done
run ps1.example.org ps1-lat.example.org
echo "more: $?"
echo "through: $(cat how)"
echo "more names: $(names_of)"
cp "$pem" before
run elsewhere.example.org
echo "unknown: $?"
echo "afterwards: $(same)"
echo "reloads: $(grep -c graceful reloads)"
kill $pebble $http
cat certbot.log pebble.log >&2
