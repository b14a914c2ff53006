# A stand-in for condor_status -direct: prints what the file slots in HOME has, in the form that the
# question of startd.sh gets from 23.9.6, or the version; a file that is empty is no answer.
cd "$HOME" || exit
case $* in
  *CondorVersion) cat version ;;
  *)
    [ -s slots ] || {
      echo "Error: couldn't locate $2" >&2
      exit 1
    }
    cat slots
    ;;
esac
