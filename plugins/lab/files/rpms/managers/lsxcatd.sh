#!/bin/sh
# lsxcatd -a: what the daemon says of itself
# shellcheck source=/dev/null
. /opt/xcat/bin/ask
# shellcheck source=/dev/null
. /usr/lib/stand-in/release
echo "Version $VERSION (a stand-in)"
echo "This is a Management Node"
echo "dbengine=SQLite"
