# opensvc_agent WORD...: what the stand-in of an agent says, and a line `rc=CODE`.

PATH=/usr/local/bin:/opt/opensvc/etc:/opt/opensvc/bin:$PATH
"$@" 2>&1
echo "rc=$?"
