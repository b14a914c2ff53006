# FOLDER: prints the options of the file system in which it lies, or will lie.
folder=$1
while [ ! -d "$folder" ]; do
  folder=${folder%/*}
  folder=${folder:-/}
done
findmnt -n -o OPTIONS -T "$folder"
