# A docker that has the network $LISTED, and says what it does beside listing.
case $2 in
  ls) [ -z "$LISTED" ] || echo "$LISTED" ;;
  rm) echo removed ;;
  create) echo made ;;
esac
