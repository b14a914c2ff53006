# FILE, more on stdin: first what stdin brought, then what is in FILE is said; it ends with 1.
cat
cat >&2
# shellcheck source=aloud.sh
. ./aloud.sh
sleep 2
exit 1
