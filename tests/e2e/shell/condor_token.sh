# KEY IDENTITY LIFETIME: a token of HTCondor's own making, signed by a pool of this key.
docker run --rm -i htcondor:manager sh -c '
  echo "$1" >/etc/condor/passwords.d/POOL
  exec condor_token_create -identity "$2" -lifetime "$3" \
    -authz READ -authz ADVERTISE_MASTER -authz ADVERTISE_STARTD
' token "$@"
