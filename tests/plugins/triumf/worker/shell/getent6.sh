# getent: vn1 has an IPv6 address and a name for it, vn2 an IPv4 address alone.
case "$1 $2" in
  "ahostsv6 vn1") printf 'fe80::1 STREAM vn1\n2001:db8::1 STREAM vn1\n' ;;
  "ahostsv6 vn2") echo '::ffff:192.0.2.2 STREAM vn2' ;;
  "hosts 2001:db8::1") echo '2001:db8::1 vn1.x' ;;
  *) exit 2 ;;
esac
