# URL: prints the HTTP status with which somebody answers there, 000 where nobody does.
url=$1
curl -sk --noproxy '*' -m 4 -o /dev/null -w '%{http_code}' "$url"
