# PROGRAM: it is arping here; "": there is none.
rm -f /usr/local/bin/arping
[ -z "$1" ] || {
  printf %s "$1" >/usr/local/bin/arping
  chmod 755 /usr/local/bin/arping
}
