# What every program begins with. S: what lasts (disk). V: what does not (tmpfs): programs, secrets, locks.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL
umask 077
if [ "$(id -u)" = 0 ]; then
  S=/var/lib/fairlead V=/run/fairlead
else
  S=${XDG_STATE_HOME:-$HOME/.local/state}/fairlead/$(uname -n) V=${XDG_RUNTIME_DIR:-$S}/fairlead
fi

fl_refuse() { # WHY: the program ends here, and says so to the reader
  printf '%s refused %s\n' "$MARK" "$(printf %s "$1" | base64 | tr -d '\n')"
  exit 0
}

fl_dir() { # DIR: make it if need be; it has to be ours and no link
  [ -d "$1" ] || mkdir -p -m 0700 "$1" 2>/dev/null || fl_refuse "$1 cannot be made"
  if [ -h "$1" ] || [ -h "${1%/*}" ]; then fl_refuse "$1 or the folder above it is a symbolic link"; fi
  [ -O "$1" ] || fl_refuse "$1 belongs to somebody else"
}

fl_dirs() {
  for d in "$S" "$V"; do fl_dir "$d" && chmod 0700 "$d"; done
  case $(stat -f -c %T "$S" 2>/dev/null) in nfs*) fl_refuse "$S lies on NFS, where locks and fsync cannot be trusted" ;; esac
  for d in "$S/runs" "$S/leases" "$S/backups" "$V/runs" "$V/locks"; do [ -d "$d" ] || mkdir -m 0700 "$d" || fl_refuse "$d cannot be made"; done
}

fl_lacks() { # TOOL...: those that are not there
  for t; do command -v "$t" >/dev/null 2>&1 || printf '%s ' "$t"; done
}

fl_text() { base64 <"$1" | tr -d '\n'; }

fl_alive() { # RUN: does its worker live?
  [ -e "$V/runs/$1/alive" ] && ! flock -n -s "$V/runs/$1/alive" true
}
