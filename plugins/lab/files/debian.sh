# Included by what makes Debians: stand-in images, and trees that hosts stand on.

# source_of_apt
# Prints where this machine's apt has its Debian from.
source_of_apt() {
  sed -nE 's/^(URIs:|deb( \[[^]]*\])?) *(https?:[^ ]+debian)\/?( .*)?$/\3/p' /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null |
    head -n 1 | grep . || { echo "lab: apt of this machine names no archive of Debian to make a tree from; add one to /etc/apt/sources.list" >&2; return 1; }
}

# bootstrap CACHE RELEASE TREE PACKAGE,PACKAGE... LOG
# A small Debian of that release in TREE; what was fetched once is kept in CACHE. In a mount namespace of its own: if it is killed, nothing stays mounted.
bootstrap() {
  source=$(source_of_apt) || return 1
  script=/usr/share/debootstrap/scripts/$2
  [ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid # releases that debootstrap is too old to know are made alike
  mkdir -p "$1/debs"
  unshare -m debootstrap --cache-dir="$1/debs" --variant=minbase --include="$4" "$2" "$3" "$source" "$script" >"$5" 2>&1 || return 1
  rm -rf "$3"/var/cache/apt/* "$3"/var/lib/apt/lists/* "$3"/var/log/* "$3"/usr/share/doc "$3"/usr/share/man "$3"/usr/share/locale
  find "$3/dev" -mindepth 1 -delete
}
