# In the tree. PATH MODE; the content on stdin.
path=$1 mode=$2
mkdir -p "${path%/*}" && cat >"$path" && chmod "$mode" "$path"
