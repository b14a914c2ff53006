# A docker that is none: $IDS are the images of the recipe, $DIGEST is what the engine knows of one.
case "$1 $2" in
  "image ls") [ -z "$IDS" ] || echo "$IDS" ;;
  "image inspect") echo "r:5000/sl6@$DIGEST" ;;
esac
