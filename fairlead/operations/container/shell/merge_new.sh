# merge_new OLD NEW CURRENT KEEP ENTRY...
# One pass of the merge, over entries of NEW: what nobody changed here follows the new image; what
# was changed here stays, and is told.
# OLD, NEW, CURRENT: the folders of the defaults before, of those now, and of what is here. KEEP:
# names (NAME:NAME) that belong to the data. ENTRY: PATH or ./PATH in one of these folders.
set -eu
# shellcheck source=merge_lib.sh
. ./merge_lib.sh
old=$1 new=$2 current=$3 keep=$4
shift 4

# put FROM TO: an entry takes its place, with owner and mode; of a folder not what is in it
put() {
  if is_folder "$1"; then
    if [ -e "$2" ] || [ -h "$2" ]; then rm -f "$2"; fi
    mkdir "$2"
    chown "$(stat -c %u:%g "$1")" "$2"
    chmod "$(stat -c %a "$1")" "$2"
  else
    cp -a "$1" "$2.fairlead-new"
    mv -fT "$2.fairlead-new" "$2"
  fi
}

# is_untouched ENTRY: is it here as the image before had it?
is_untouched() { is_there "$old/$1" && is_alike "$old/$1" "$current/$1" && ! is_folder "$current/$1"; }

# is_news ENTRY: did the new image change it, or bring it?
is_news() { ! is_there "$old/$1" || ! is_alike "$old/$1" "$new/$1"; }

for entry; do
  entry=${entry#./}
  if is_data "$keep" "$entry"; then continue; fi
  if ! is_there "$current/$entry"; then
    if is_there "$old/$entry" || ! is_there "$current/$(dirname "$entry")"; then continue; fi
    put "$new/$entry" "$current/$entry"
  elif is_alike "$new/$entry" "$current/$entry"; then
    :
  elif is_untouched "$entry"; then
    put "$new/$entry" "$current/$entry"
  elif is_news "$entry"; then
    printf 'kept as it was changed here: %s\n' "$entry"
  fi
done
