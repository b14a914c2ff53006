# Inside a worker: has its startd an address by which the pool's collector calls it back (CCB)? Exit
# code 0: yes, 1: no, or it does not answer.
machine=$(timeout 10 condor_config_val FULL_HOSTNAME) || exit 1
timeout 10 condor_status -direct "$machine" -af MyAddress | grep -q 'CCBID='
