# A stand-in for scontrol: shows a node as 22.05.8 prints it, from the files state and reason in HOME;
# does what it is told, notes it in the file said, and refuses nothing.
cd "$HOME" || exit
case $1 in
  show)
    [ "$3" = n1 ] || { echo "Node $3 not found"; exit 1; }
    echo "NodeName=n1 Arch=x86_64 CoresPerSocket=1"
    echo "   State=$(cat state) ThreadsPerCore=1 TmpDisk=0"
    [ ! -s reason ] || echo "   Reason=$(cat reason) [root@2026-11-28T15:41:38]" ;;
  update)
    echo "$@" >>said
    case $3 in
      State=DRAIN) echo IDLE+DRAIN >state; echo "${4#Reason=}" >reason ;;
      State=UNDRAIN) echo IDLE >state; : >reason ;;
    esac ;;
esac
