#!/bin/sh
# Stand-in for the daemon of the lookup service (a program in Perl): what it would register lies in the file `registered`. Without a
# <site> it ends, as the real one does; a key inside of a block is none of its own.
. /usr/lib/stand-in/watch
STATE=/var/lib/perfsonar/lsregistrationdaemon FILE=/etc/perfsonar/lsregistrationdaemon.conf
uuid "$STATE/client_uuid"
refresh() {
  grep -q '^[[:space:]]*<site>' "$FILE" || { echo "No sites defined in configuration file" >&2; exit 255; }
  sed 's/^[[:space:]]*//; s/[[:space:]]*\(#.*\)*$//' "$FILE" | awk '
    /^<\// { depth--; block = ""; next }
    /^</ { depth++; block = $1; next }
    $0 != "" && (!depth || block == "<administrator>") { key = $1; sub(/^[^ \t]+[ \t]+/, ""); print key "=" $0 }' >"$STATE/registered"
}
trap 'exit 0' TERM INT
watch "$FILE" refresh
