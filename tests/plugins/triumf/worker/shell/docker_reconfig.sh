# docker, of which vn1 and vn2 run, vn1 with a condor_master; CODE, the first word, is how exec ends.
# What is executed is noted in ~/reconfigured.
code=$1
shift
case $1 in
  container) printf 'vn1\nvn2\n' ;;
  top) [ "$2" = vn2 ] || echo "7 condor_master" ;;
  exec)
    echo "$*" >>~/reconfigured
    exit "$code"
    ;;
esac
