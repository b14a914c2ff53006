# docker, of which vn1 and vn2 run, vn1 with a condor_master and what $RUNS says; CODE, the first
# word, is how exec of condor's programs ends, PID, the second, that one's process. Its startd is
# called back from the $CALLED'th time on that it is asked. What is executed is noted in
# ~/reconfigured.
code=$1 pid=$2
shift 2
case $* in
  container*) printf 'vn1\nvn2\n' ;;
  "top vn2"*) ;;
  top*) printf '%s condor_master\n%s\n' "$pid" "${RUNS-}" ;;
  *" sh -c "*)
    echo asked >>~/asked
    [ "$(wc -l <~/asked)" -ge "${CALLED:-1}" ]
    ;;
  exec* | restart*)
    echo "$*" >>~/reconfigured
    exit "$code"
    ;;
esac
