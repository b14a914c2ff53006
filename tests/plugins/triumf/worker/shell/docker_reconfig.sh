# docker, of which vn1 and vn2 run, vn1 with a condor_master; CODE, the first word, is how exec ends,
# PID, the second, that one's process. What is executed is noted in ~/reconfigured.
code=$1 pid=$2
shift 2
case $1 in
  container) printf 'vn1\nvn2\n' ;;
  top) [ "$2" = vn2 ] || echo "$pid condor_master" ;;
  exec)
    echo "$*" >>~/reconfigured
    exit "$code"
    ;;
esac
