# A stand-in for docker: a container, c1, and what is done to it, in the file $LOG. $STILL is there while it
# stands still; $IMAGE and $CREATED are of its image.
case "$1 $2" in
  "container inspect")
    paused=false
    [ ! -e "$STILL" ] || paused=true
    case $4 in
      *Running*) echo "true $paused" ;;
      *Paused*) echo $paused ;;
      *Config.Image*) echo "sha256:$IMAGE ps/point:latest" ;;
    esac ;;
  "image inspect") echo "$CREATED" ;;
  "pause c1") : >"$STILL" && echo pause >>"$LOG" ;;
  "unpause c1") rm "$STILL" && echo unpause >>"$LOG" ;;
  *) exit 1 ;;
esac
