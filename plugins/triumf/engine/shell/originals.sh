# FILE...: keeps each as FILE.original, an empty one where there is no FILE. What is kept already
# stays as it is.
umask 022
for file; do
  [ ! -e "$file.original" ] || continue
  mkdir -p "${file%/*}"
  if [ -e "$file" ]; then cp -p "$file" "$file.original"; else : >"$file.original"; fi || exit
done
