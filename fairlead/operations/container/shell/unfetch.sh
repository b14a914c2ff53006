# unfetch ROOT
# Takes away what fetch laid ready, and ROOT if nothing else is in it.
rm -rf "$1/arriving"
rmdir "$1" 2>/dev/null || :
