# merge_old OLD NEW CURRENT KEEP ENTRY...
# The other pass, over entries of OLD, the deepest first: what the new image gave up, and nobody
# changed here, goes; a folder only when it is empty.
# OLD, NEW, CURRENT: the folders of the defaults before, of those now, and of what is here. KEEP:
# names (NAME:NAME) that belong to the data. ENTRY: PATH or ./PATH in one of these folders.
set -eu
# shellcheck source=merge_lib.sh
. ./merge_lib.sh
old=$1 new=$2 current=$3 keep=$4
shift 4
for entry; do
  entry=${entry#./}
  if is_data "$keep" "$entry" || is_there "$new/$entry" || ! is_there "$current/$entry"; then continue; fi
  is_alike "$old/$entry" "$current/$entry" || continue
  if is_folder "$current/$entry"; then
    rmdir "$current/$entry" 2>/dev/null || :
  else
    rm -f "$current/$entry"
  fi
done
