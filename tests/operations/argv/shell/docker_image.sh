# A docker that has the image $HERE, by every name that it inspects; one that does not answer ($DOWN).
[ -z "$DOWN" ] || exit 1
case $1.$2.$3 in
  image.inspect."$HERE") echo "[]" ;;
  image.ls.-q) ;;
  *) exit 1 ;;
esac
