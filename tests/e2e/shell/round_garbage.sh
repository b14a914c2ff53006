# ENGINE KIND: for a while the engine's program, which does what it is told, prints something else
# with the same exit code (noise, half, null, nothing), or each login begins with noise (login), the
# logins of now being cut; "": all is as it was.
engine=$1 kind=$2
rm -f "/usr/local/sbin/$engine"
[ ! -e /root/.bashrc.lab ] || mv /root/.bashrc.lab /root/.bashrc
case $kind in
  '') ;;
  login)
    touch /root/.bashrc
    cp -p /root/.bashrc /root/.bashrc.lab
    echo 'head -c 300000 /dev/urandom; echo 1 start 1 .; echo 3 end changed .' >/root/.bashrc
    pkill -9 -f '^sshd(-session)?: .*root'
    ;;
  *)
    cat >"/usr/local/sbin/$engine.new" <<END
#!/bin/sh
# What $engine does, and not what it prints.
PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
text=\$($engine "\$@")
code=\$?
case $kind in
  noise) head -c 3000 /dev/urandom ;;
  half) printf %s "\$text" | head -c \$((\${#text} / 2)) ;;
  null) echo null ;;
esac
exit \$code
END
    chmod 755 "/usr/local/sbin/$engine.new"
    mv "/usr/local/sbin/$engine.new" "/usr/local/sbin/$engine"
    ;;
esac
