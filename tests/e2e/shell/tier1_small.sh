# FOLDER SIZE: the registry's folder becomes a small file system.
folder=$1 size=$2
mkdir -p "$folder" && mount -t tmpfs -o size="$size" small "$folder" &&
  chown docker-registry "$folder" && systemctl restart docker-registry
