# The container is there once the file made is. CREATE: "" it is made; 1: another host is faster;
# else it cannot be made.
case $2 in
  query) [ -e "$AT/made" ] ;;
  create)
    [ "$CREATE" != 1 ] || : >"$AT/made"
    [ -z "$CREATE" ] || exit 17
    ;;
esac
