# runs_no_server ENGINE: does no DAOS server of ours run on this host?
#
# Exit codes: 0 none does; 1 one does; 2 the engine does not answer.

ids=$("$1" container ls -q --filter 'name=^daos-server$') || exit 2
[ -z "$ids" ] || {
  echo 'a DAOS server runs here, which has its devices in use' >&2
  exit 1
}
