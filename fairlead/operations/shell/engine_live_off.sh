# engine_live_off SETTINGS
# The way back from live-restore: the engine is told by its file that it is off, until it says so. A
# file without the key would change nothing. One that does not answer, or says so, needs no word.
# shellcheck source=engine_lib.sh
. ./engine_lib.sh
settings=$1
answers || exit 0
! has_live_restore false || exit 0
text=$(sed 's/\("live-restore"[[:space:]]*:[[:space:]]*\)true/\1false/' "$settings") || exit 1
printf '%s\n' "$text" >"$settings"
systemctl reload docker || exit 1
retry 50 0.2 has_live_restore false || {
  echo "the engine does not take live-restore back" >&2
  exit 1
}
