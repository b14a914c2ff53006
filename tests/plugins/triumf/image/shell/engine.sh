# A docker that is none: $IDS are the images of the recipe, $DIGEST is what the engine knows of one;
# $LAYERS are its layers and the label of its layer, $HISTORY its steps, a word each.
# shellcheck disable=SC2086 # a line for each word of HISTORY
case "$1 $2 $4" in
  "image ls "*) [ -z "$IDS" ] || echo "$IDS" ;;
  "history -q "*) printf '%s\n' ${HISTORY:-sha256:1} ;;
  *RootFS*) echo "${LAYERS:-sha256:1 sha256:1}" ;;
  "image inspect "*) echo "r:5000/sl6@$DIGEST" ;;
esac
