# An `ip` that cuts us off with what it does for the interfaces, and no longer once that is put back.
cat >/usr/local/sbin/ip <<'END'
#!/bin/sh
/usr/sbin/ip "$@"
code=$?
rule="INPUT -p tcp --syn --dport 22 -j DROP"
case $* in
  *net/nics/go) iptables -I $rule ;;
  *net/nics/back) iptables -D $rule ;;
esac
exit $code
END
chmod 755 /usr/local/sbin/ip
