# manager
# Prints apt, dnf or yum; nothing where there is none of them. A Debian may hold dnf as well, to build
# from: its own packages are still apt's.
[ ! -e /etc/debian_version ] || { echo apt; exit; }
for name in dnf yum; do
  if command -v $name >/dev/null; then
    echo $name
    exit
  fi
done
