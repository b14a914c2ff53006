# In the tree. FILE SHADOW REST LINE...: appends the lines to FILE, and for each its name with REST
# to SHADOW, where there is one. Who is there already has to be the same: else exit code 1.
file=$1 shadow=$2 rest=$3
shift 3
for line; do
  name=${line%%:*}
  if is=$(grep "^$name:" "$file"); then
    [ "$is" = "$line" ] || {
      echo "$file has $is already, and the site wants $line" >&2
      exit 1
    }
  else
    printf '%s\n' "$line" >>"$file" || exit 1
    [ ! -f "$shadow" ] || grep -q "^$name:" "$shadow" ||
      printf '%s%s\n' "$name" "$rest" >>"$shadow" || exit 1
  fi
done
