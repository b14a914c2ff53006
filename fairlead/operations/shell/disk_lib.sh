# Where a folder lies, or will lie. Included.

# nearest_folder PATH: the folder, or the nearest one above it that is there
nearest_folder() {
  nearest=$1
  while [ ! -d "$nearest" ]; do
    nearest=${nearest%/*}
    nearest=${nearest:-/}
  done
  printf '%s\n' "$nearest"
}
