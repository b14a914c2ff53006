# One file of a host: put in place whole, and the old one brought back. Included.

# locate PATH
# Sets where a file goes: path, folder, new (beside it, for rename), backups, old (its copy).
locate() {
  path=$1 folder=${1%/*} base=${1##*/}
  new=$folder/.$base.fairlead-new
  if [ "$(id -u)" = 0 ]; then
    backups=/var/lib/fairlead/backups
  else
    backups=${XDG_STATE_HOME:-$HOME/.local/state}/fairlead/$(uname -n)/backups
  fi
  key=$(printf %s "$path" | sha256sum)
  old=$backups/files/${key%% *}
}

# is_placed PATH MODE OWNER: is it a file, no link, of this mode and owner?
is_placed() { [ -f "$1" ] && [ ! -h "$1" ] && [ "$(stat -c %a:%U:%G "$1")" = "$2:$3" ]; }

# make_folders: those of the file and of its copy
make_folders() {
  mkdir -p "$backups/files"
  # shellcheck disable=SC2174 # the deepest alone
  [ -d "$folder" ] || mkdir -p -m 0755 "$folder"
}

# dress MODE OWNER: what lies in $new is ready to take the file's place
dress() {
  chown "$2" "$new"
  chmod "$1" "$new"
  sync "$new" 2>/dev/null || sync
}

# swap: $new takes the file's place; what stood there is kept until the next change
swap() {
  rm -rf "$old" "$old.none"
  if [ -e "$path" ] || [ -h "$path" ]; then cp -a "$path" "$old"; else : >"$old.none"; fi
  mv -fT "$new" "$path"
}

# put_back: the old file, or none, is there again
put_back() {
  rm -f "$new"
  if [ -e "$old.none" ]; then
    rm -f "$path" && rm -f "$old.none"
  elif [ -e "$old" ] || [ -h "$old" ]; then
    cp -a "$old" "$new" && mv -fT "$new" "$path" && rm -f "$old"
  fi
}
