# unfetch ENGINE TEMPORARY ROOT
# Takes away what fetch laid ready, the container that it looked into, and ROOT if nothing else is in
# it. Where the engine does not answer that container stays until the next fetch.
"$1" rm -f -v "$2" >/dev/null 2>&1 || :
rm -rf "$3/arriving"
rmdir "$3" 2>/dev/null || :
