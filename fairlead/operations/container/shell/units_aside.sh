# A word of ours beside a unit of somebody's. Included.

# aside UNIT LINE...
aside() {
  mkdir -p "/run/systemd/system/$1.d"
  file=/run/systemd/system/$1.d/fairlead.conf
  shift
  printf '%s\n' '# Written by fairlead.' '[Service]' "$@" >"$file"
}

# nothing_aside UNIT
nothing_aside() {
  rm -f "/run/systemd/system/$1.d/fairlead.conf"
  rmdir "/run/systemd/system/$1.d" 2>/dev/null || :
}
