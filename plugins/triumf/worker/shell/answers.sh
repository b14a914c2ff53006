# ALIVE SLOTS: inside a worker: do master and startd live, and does the startd answer? The words are
# the programs alive.sh and slots.sh. Exit code 0: yes, 1: no.
sh -c "$1" alive condor_master condor_startd || exit 1
sh -c "$2" slots >/dev/null 2>&1 || {
  echo "condor_startd does not answer" >&2
  exit 1
}
