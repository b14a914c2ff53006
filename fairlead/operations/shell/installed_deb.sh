# installed_deb PACKAGE...
# Are all installed? 0 yes, 1 no.
for name; do
  [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null)" = "ii " ] || exit 1
done
