# service|marks ENGINE STATE NAME: a worker. Its service: `healthy` where its container has condor's
# master and startd, and `release` with what runs. Its marks: a digest.
engine=$2 state=$3 name=$4
case $1 in
  service)
    processes=$(timeout 10 "$engine" top "$name" -eo pid,comm)
    case $processes in *condor_master*) ;; *) processes= ;; esac
    case $processes in *condor_startd*) echo healthy ;; esac
    timeout 10 "$engine" exec "$name" cat /etc/condor/release | sed 's/^/release /'
    ;;
  marks) sha256sum "$state/mark" ;;
esac
