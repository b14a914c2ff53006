# distro_folders EXAMPLES: prints which distributions the checkout has folders for, a word each.

cd "$1" 2>/dev/null || exit 3
for folder in daos-base/*/; do
  [ ! -d "$folder" ] || basename "$folder"
done
