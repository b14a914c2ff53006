# unkeep FOLDER NAME
# What keep did, undone.
folder=$1 name=$2
rm -f "$folder/$name" "$folder/$name.env"
for file in "$name" "$name.env"; do
  [ ! -e "$folder/$file.before" ] || mv "$folder/$file.before" "$folder/$file" || exit 1
done
rmdir "$folder" 2>/dev/null || :
