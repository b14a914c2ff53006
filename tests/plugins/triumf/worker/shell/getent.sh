# A getent that is none: vn1 is 10.0.3.144, and that is vn1.
case "$*" in
  *vn1) echo "10.0.3.144 STREAM vn1" ;;
  *10.0.3.144) echo "$2 vn1" ;;
esac
