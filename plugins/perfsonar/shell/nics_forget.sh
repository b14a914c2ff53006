# nics_forget KEPT SETTINGS NAME...
# Nothing of ours is in the files that keep the interfaces, nor in their profiles, and SETTINGS is gone. What they were is kept
# in KEPT, for nics_remember.
set -eu
umask 077
kept=$1 settings=$2
shift 2
rm -rf "$kept"
mkdir -p "$kept/files"
number=0
# keep FILE: a copy with its path beside it, of how it was at first
keep() {
  ! grep -qxF "$1" "$kept"/files/*.path 2>/dev/null || return 0
  number=$((number + 1))
  cp -p "$1" "$kept/files/$number"
  echo "$1" >"$kept/files/$number.path"
}
for name; do
  for file in /etc/network/interfaces /etc/network/interfaces.d/*; do
    grep -qs "^# fairlead: $name\$" "$file" || continue
    keep "$file"
    sed "/^# fairlead: $name\$/,/^# fairlead: end of $name\$/d; s/^#fairlead $name# //" "$file" >"$file.fairlead-new"
    cat "$file.fairlead-new" >"$file"
    rm -f "$file.fairlead-new"
  done
  file=/etc/systemd/network/00-fairlead-$name.network
  [ ! -e "$file" ] || { keep "$file"; rm -f "$file"; }
  profile=$(nmcli -g GENERAL.CONNECTION device show "$name" 2>/dev/null) || profile=
  [ -n "$profile" ] || continue
  # entries KEY PATTERN: the entries of a list that are not ours
  entries() {
    nmcli -e no -g "$1" connection show "$profile" | tr ',' '\n' | sed 's/^ *//; s/ *$//' | grep -vE "$2|^\$" | paste -s -d, -
  }
  for key in ipv4.routes ipv4.routing-rules ipv4.never-default; do
    printf '%s\t%s\t%s\n' "$name" "$key" "$(nmcli -e no -g "$key" connection show "$profile")"
  done >>"$kept/profiles"
  nmcli connection modify "$profile" ipv4.routes "$(entries ipv4.routes 'table=3[0-9][0-9]')" \
    ipv4.routing-rules "$(entries ipv4.routing-rules 'table 3[0-9][0-9]')" ipv4.never-default no
done
[ ! -e "$settings" ] || { keep "$settings"; rm -f "$settings"; }
