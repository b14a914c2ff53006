# One file of a host: put in place whole, and the old one brought back. Included.

# locate STEP PATH MODE
# Sets where a file goes: path, folder, new (beside it, for rename), backups, old (its copy, the
# step's own). MODE -: the file is somebody else's, and where it is a link, what that leads to is
# meant. 1: it leads nowhere.
locate() {
  if [ "$(id -u)" = 0 ]; then
    backups=/var/lib/fairlead/backups
  else
    backups=${XDG_STATE_HOME:-$HOME/.local/state}/fairlead/$(uname -n)/backups
  fi
  key=$(printf '%s\n%s' "$1" "$2" | sha256sum)
  old=$backups/files/${key%% *}
  path=$2
  if [ "$3" = - ] && [ -h "$path" ]; then
    path=$(readlink -f "$path") || path=
    if [ -z "$path" ] || [ ! -d "${path%/*}/" ]; then
      echo "$2 is a link that leads nowhere" >&2
      return 1
    fi
  fi
  folder=${path%/*} base=${path##*/}
  new=$folder/.$base.fairlead-new
}

# is_placed PATH MODE OWNER: is it a file, no link, of this mode and owner? MODE -: any file.
is_placed() {
  if [ "$2" = - ]; then
    [ -f "$1" ]
  else
    [ -f "$1" ] && [ ! -h "$1" ] && [ "$(stat -c %a:%U:%G "$1")" = "$2:$3" ]
  fi
}

# lay MODE OWNER, the content by stdin: $new is ready to take the file's place. Of an older run of
# the step no copy is left: what fails from here on has nothing to bring back.
lay() {
  mkdir -p "$backups/files"
  # shellcheck disable=SC2174 # the deepest alone
  [ -d "$folder" ] || mkdir -p -m 0755 "$folder"
  rm -rf "$old" "$old.none" "$new"
  if [ "$1" = - ] && [ -e "$path" ]; then
    cp -a "$path" "$new"
    cat >"$new"
  else
    cat >"$new"
    dress "$1" "$2"
  fi
  sync "$new" 2>/dev/null || sync
}

# dress MODE OWNER: those of $new
dress() {
  if [ "$1" = - ]; then set -- 644 root:root; fi
  chown "$2" "$new"
  chmod "$1" "$new"
}

# swap: $new takes the file's place; what stood there is kept until the step's next change
swap() {
  if [ -e "$path" ] || [ -h "$path" ]; then cp -a "$path" "$old"; else : >"$old.none"; fi
  mv -fT "$new" "$path"
}

# has_copy: is there something to bring back?
has_copy() { [ -e "$old" ] || [ -h "$old" ] || [ -e "$old.none" ]; }

# put_back: the old file, or none, is there again
put_back() {
  rm -f "$new"
  if [ -e "$old.none" ]; then
    rm -f "$path" && rm -f "$old.none"
  elif [ -e "$old" ] || [ -h "$old" ]; then
    cp -a "$old" "$new" && mv -fT "$new" "$path" && rm -f "$old"
  fi
}
