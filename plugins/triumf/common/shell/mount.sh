# FOLDER: prints where the file system is mounted in which the folder lies, and how many KiB are
# free there. Where the folder is not there, the nearest one above it is looked at.
folder=$1
while [ ! -d "$folder" ]; do
  folder=${folder%/*}
  folder=${folder:-/}
done
df -Pk "$folder" | awk 'END { print $6, $4 }'
