# A stand-in for docker: it has one image, sha256:id, by this ID and by the name $HERE. $DOWN: it does not answer.
# $STORE: how it says that it keeps images.
case "$1 $2" in
  "image ls") [ -z "$DOWN" ] && echo sha256:id ;;
  "image inspect")
    case ${5:-$3} in "$HERE" | sha256:id) ;; *) exit 1 ;; esac
    case $4 in *RootFS*) echo '["sha256:a"]' ;; *) echo sha256:id ;; esac ;;
  "info "*) echo "$STORE" ;;
  "tag "*) echo "tag $2 $3" ;;
esac
