# All tables, as a tar on stdout; run inside.
folder=$(mktemp -d) &&
  /opt/xcat/sbin/dumpxCATdb -p "$folder" >&2 &&
  tar -cf - -C "$folder" . &&
  rm -rf "$folder"
