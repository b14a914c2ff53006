# What both passes of the merge share: questions about one entry. Included.
is_there() { [ -e "$1" ] || [ -h "$1" ]; }
is_folder() { [ -d "$1" ] && [ ! -h "$1" ]; }

# is_alike A B: links that say the same, two folders, or files of the same content
is_alike() {
  if [ -h "$1" ] || [ -h "$2" ]; then
    [ -h "$1" ] && [ -h "$2" ] && [ "$(readlink "$1")" = "$(readlink "$2")" ]
  elif [ -d "$1" ] || [ -d "$2" ]; then
    [ -d "$1" ] && [ -d "$2" ]
  else
    [ "$(sha256sum <"$1")" = "$(sha256sum <"$2")" ]
  fi
}

# is_data KEEP ENTRY: is it, or a folder above it, among the names (NAME:NAME) that belong to the data?
is_data() {
  case ":$1:" in *":$2:"*) return 0 ;; esac
  case $2 in */*) is_data "$1" "${2%/*}" ;; *) return 1 ;; esac
}
