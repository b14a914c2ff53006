# PATH; the content on stdin.
path=$1
mkdir -p "${path%/*}" && cat >"$path"
