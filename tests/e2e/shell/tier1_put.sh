# PATH CONTENT MODE OWNER
mkdir -p "${1%/*}" && printf %s "$2" >"$1" && chmod "$3" "$1" && chown "$4" "$1"
