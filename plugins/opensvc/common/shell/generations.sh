# To be included. `generation` prints which OpenSVC agent is here: legacy, 2.1, 3 or none.
#
# It is known by its files: 2.1 answers `om --version` with an error, and `om` of agent 3 is no
# script.

generation() {
  if om=$(command -v om 2>/dev/null); then
    if head -c 4 "$om" | grep -qa 'ELF'; then echo 3; else echo 2.1; fi
  elif [ -x /opt/opensvc/bin/svcmgr ]; then
    echo legacy
  else
    echo none
  fi
}
