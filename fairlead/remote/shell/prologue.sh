# What every program begins with. S: what lasts (disk). V: what does not (tmpfs): programs, secrets, locks.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL
umask 077
if [ "$(id -u)" = 0 ]; then
  S=/var/lib/fairlead V=/run/fairlead
else # a user's own tmpfs goes away when he logs out, and a worker outlives that: hence a folder that no other boot uses
  S=$(cd "${XDG_STATE_HOME:-$HOME}" 2>/dev/null && pwd -P) || S=${XDG_STATE_HOME:-$HOME}
  [ -n "${XDG_STATE_HOME:-}" ] || S=$S/.local/state
  S=$S/fairlead/$(uname -n)
  read -r boot </proc/sys/kernel/random/boot_id
  V=$S/boot-$boot
fi

fl_refuse() { # WHY: the program ends here, and says so to the reader
  printf '%s refused %s\n' "$MARK" "$(printf %s "$1" | base64 | tr -d '\n')"
  exit 0
}

fl_ours() { # DIR: neither it nor a folder above it is a link or somebody else's
  p=$1
  while [ -n "$p" ]; do
    [ ! -h "$p" ] || fl_refuse "$p is a symbolic link"
    [ ! -e "$p" ] || [ -O "$p" ] || [ "$(stat -c %u "$p")" = 0 ] || fl_refuse "$p belongs to somebody else"
    p=${p%/*}
  done
}

fl_dirs() {
  for d in "$S" "$V"; do
    fl_ours "$d"
    [ -d "$d" ] || mkdir -p "$d" 2>/dev/null || fl_refuse "$d cannot be made"
    [ -O "$d" ] || fl_refuse "$d belongs to somebody else"
    chmod 0700 "$d"
  done
  case $V in "$S"/*) for d in "$S"/boot-*; do [ "$d" = "$V" ] || rm -rf "${d:?}"; done ;; esac
  case $(stat -f -c %T "$S" 2>/dev/null) in nfs*) fl_refuse "$S lies on NFS, where locks and fsync cannot be trusted" ;; esac
  for d in "$S/runs" "$S/leases" "$S/backups" "$V/runs" "$V/locks" "$V/kept"; do
    [ -d "$d" ] || mkdir "$d" 2>/dev/null || [ -d "$d" ] || fl_refuse "$d cannot be made" # two may come first at once
  done
}

fl_lacks() { # TOOL...: those that are not there; busybox has a flock that cannot wait
  for t; do command -v "$t" >/dev/null 2>&1 || printf '%s ' "$t"; done
  ! command -v flock >/dev/null 2>&1 || flock -w 1 /dev/null true 2>/dev/null || printf 'flock-of-util-linux '
}

fl_text() { base64 <"$1" | tr -d '\n'; }

fl_alive() { # RUN: does its worker live? It holds a shared lock; who asks holds his own for an instant only
  [ -e "$V/runs/$1/alive" ] && ! flock -w 0.1 -x "$V/runs/$1/alive" true
}
