# Reads one key, raw, and prints its byte in hexadecimal.
stty raw -echo
echo ready
key=$(dd bs=1 count=1 2>/dev/null | od -An -tx1)
stty sane
echo "key$key"
