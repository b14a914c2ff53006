# A stand-in for condor_drain: notes what it is told in the file told in HOME, and does it to the file
# slots. It refuses a number of a drain that is not the present one, and a check where the file refuses
# is there; it ends no job, and knows no wrong word.
cd "$HOME" || exit
echo "$@" >>told
case $1 in
  -cancel)
    grep -q " true $3 " slots || {
      echo "No matching draining request id $3." >&2
      exit 1
    }
    echo 'slot Unclaimed Idle - 0 false - ' >slots
    ;;
  *)
    [ ! -e refuses ] || {
      echo 'error code 4: Draining check expression is false on slot1_1@n1.' >&2
      exit 1
    }
    echo "slot Drained Idle - 0 true 2 $3" >slots
    ;;
esac
